package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.SecureKafka;
import io.github.flinkdeepfm.pipeline.cli.CommandOutcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command {@code run} on a broker that takes TLS and SCRAM only: events go in, scores come out,
 * and no secret is seen anywhere; whoever is turned away is told why.
 */
@Timeout(240)
class SecureRunIT {
  private static final Pattern RUNNING =
      Pattern.compile("job secure (\\w+) running, REST at (\\S+)");
  private static final String S3_SECRET = "s3-secret-5e77c1";
  private static final String S3_KEY_ID = "s3-access-0b6d";
  private static final int EVENTS = 50;

  @TempDir static Path folder;
  private static SecureKafka kafka;

  @BeforeAll
  static void start() throws Exception {
    kafka = SecureKafka.start(folder.resolve("broker"));
    for (String topic : List.of("events", "events-scores", "events-dead")) {
      kafka.createTopic(topic);
    }
  }

  @AfterAll
  static void stop() {
    kafka.close();
  }

  @Test
  void scoresThroughTlsAndScramAndShowsNoSecret() throws Exception {
    Map<String, String> client = kafka.client();
    client.compute(
        "sasl.jaas.config", (k, v) -> v.replace(SecureKafka.PASSWORD, "${KAFKA_PASSWORD}"));
    KafkaTopics topics = new KafkaTopics(kafka.client());
    var unused = topics.send(events());
    try (ChildJvm job =
        ChildJvm.start(
            Map.of(
                "KAFKA_PASSWORD",
                SecureKafka.PASSWORD,
                "LOG4J_CONFIGURATION_FILE", // also on a class path with Flink's own for tests
                "classpath:log4j2.properties"),
            Main.class,
            "run",
            "--verbose",
            "--config",
            jobFile(client))) {
      Matcher running = job.awaitLine(RUNNING, 120);
      while (topics.count("events-scores") < EVENTS) {
        Thread.sleep(200);
      }
      checkRest(URI.create(running.group(2)), running.group(1));
      if (ListeningSockets.available()) {
        assertThat(ListeningSockets.of(job.pid())).isNotEmpty();
        assertThat(ListeningSockets.beyondLoopback(job.pid())).isEmpty();
        assertThat(ListeningSockets.beyondLoopback(ProcessHandle.current().pid())).isEmpty();
      }
      job.terminate();
      job.awaitExit(60);
      assertThat(String.join("\n", job.output()))
          .contains("sasl.jaas.config=******", "s3.secret-key=******")
          .doesNotContain(SecureKafka.PASSWORD, SecureKafka.STORE_PASSWORD, S3_SECRET, S3_KEY_ID);
    }
  }

  /** Flink hides by its own list of keys, on which s3.access-key, an identifier, is not. */
  private static void checkRest(URI rest, String job) throws Exception {
    for (String page :
        List.of(
            "/config",
            "/jobmanager/config",
            "/jobmanager/environment",
            "/jobs/overview",
            "/jobs/" + job,
            "/jobs/" + job + "/config",
            "/jobs/" + job + "/plan",
            "/jobs/" + job + "/exceptions",
            "/jobs/" + job + "/accumulators",
            "/jobs/" + job + "/checkpoints/config",
            "/jobs/" + job + "/jobmanager/config",
            "/jobs/" + job + "/jobmanager/environment",
            "/taskmanagers")) {
      HttpResponse<String> answer = send(HttpRequest.newBuilder(rest.resolve(page)));
      assertThat(answer.statusCode()).as(page).isEqualTo(200);
      assertThat(answer.body())
          .as(page)
          .doesNotContain(SecureKafka.PASSWORD, SecureKafka.STORE_PASSWORD, S3_SECRET);
    }
    assertThat(send(HttpRequest.newBuilder(rest.resolve("/jobmanager/config"))).body())
        .contains("s3.secret-key");
    HttpRequest.BodyPublisher jar = HttpRequest.BodyPublishers.ofString("PK");
    assertThat(send(HttpRequest.newBuilder(rest.resolve("/jars/upload")).POST(jar)).statusCode())
        .isEqualTo(404);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  @Test
  void aWrongPasswordIsToldWithoutShowingIt() throws Exception {
    String wrong = "wrong-pass-88aa13";
    CommandOutcome outcome =
        CommandOutcome.of("run", "--config", jobFile(kafka.clientWithPassword(wrong)));
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("kafka: expected brokers that let this client in", "invalid credentials")
        .doesNotContain(wrong, SecureKafka.STORE_PASSWORD, S3_SECRET);
  }

  @Test
  void anUntrustedAuthorityIsTold() throws Exception {
    CommandOutcome outcome =
        CommandOutcome.of(
            "run", "--verbose", "--config", jobFile(kafka.clientOfAnotherAuthority()));
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("kafka: expected brokers that let this client in", "certif")
        .doesNotContain(SecureKafka.PASSWORD, SecureKafka.STORE_PASSWORD, S3_SECRET);
  }

  @Test
  void aBrokenJaasTextIsToldWithoutShowingIt() throws Exception {
    Map<String, String> client = kafka.client();
    client.put("sasl.jaas.config", "some.Login required password=" + SecureKafka.PASSWORD);
    CommandOutcome outcome = CommandOutcome.of("run", "--config", jobFile(client));
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("kafka: expected properties that a Kafka client takes")
        .doesNotContain(SecureKafka.PASSWORD, SecureKafka.STORE_PASSWORD, S3_SECRET);
  }

  private static String jobFile(Map<String, String> client) throws Exception {
    return jobFile(client, "events");
  }

  /** The other topics' names begin with the events'. */
  private static String jobFile(Map<String, String> client, String events) throws Exception {
    Path directory = Files.createTempDirectory(folder, "job");
    Map<String, Object> job = new HashMap<>();
    job.put("job", "secure");
    job.put("kafka", client);
    job.put("events", Map.of("topic", events, "group", "secure-" + events));
    job.put("scores", Map.of("topic", events + "-scores", "transaction_timeout", "1min"));
    job.put("dead_letters", Map.of("topic", events + "-dead"));
    job.put("model", Map.of("directory", TinyModel.write(directory.resolve("v1")).toString()));
    job.put(
        "flink",
        Map.of(
            "checkpoint_interval",
            "500ms",
            "s3.secret-key",
            S3_SECRET,
            "s3.access-key",
            S3_KEY_ID));
    Path file = directory.resolve("job.yaml");
    Files.writeString(file, new ObjectMapper(new YAMLFactory()).writeValueAsString(job));
    return file.toString();
  }

  /** It may read and write the topics, but not their configurations. */
  @Test
  void withoutDescribeConfigsItSaysSoAndKafkasDefaultRetentionCounts() throws Exception {
    KafkaTopics topics = new KafkaTopics(kafka.client());
    for (String topic : List.of("old", "old-scores", "old-dead")) {
      kafka.createTopic(topic);
    }
    long now = System.currentTimeMillis();
    long day = Duration.ofDays(1).toMillis();
    List<Long> times = List.of(now / 1000, now - 4 * day, now - 3 * day);
    var unused =
        topics.send(
            times.stream()
                .map("{\"event_time\":%d,\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}"::formatted)
                .map(event -> event.getBytes(StandardCharsets.UTF_8))
                .map(event -> new ProducerRecord<byte[], byte[]>("old", event))
                .toList());
    try (ChildJvm job =
        ChildJvm.start(Main.class, "run", "--config", jobFile(kafka.clientOfLimited(), "old"))) {
      job.awaitLine(RUNNING, 120);
      while (topics.count("old-scores") < times.size()) {
        Thread.sleep(200);
      }
      job.terminate();
      job.awaitExit(60);
      assertThat(topics.read("old-scores"))
          .extracting(ConsumerRecord::timestamp)
          .satisfiesExactly(
              seconds -> assertThat(seconds).isGreaterThanOrEqualTo(now),
              older -> assertThat(older).isGreaterThanOrEqualTo(now),
              younger -> assertThat(younger).isEqualTo(now - 3 * day));
      assertThat(job.output())
          .filteredOn(line -> line.contains("the configuration may not be read"))
          .singleElement()
          .asString()
          .contains("topic old, topic old-scores, topic old-dead, brokers", "7 days");
      assertThat(job.output())
          .filteredOn(line -> line.contains("is before 2000"))
          .singleElement()
          .asString()
          .contains("event old-0-0", "event.time_format: epoch_s");
    }
  }

  private static List<ProducerRecord<byte[], byte[]>> events() {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      String event = "{\"metrics\":{\"x1\":%d},\"ids\":{\"c0\":[%d]}}".formatted(i, i % 10);
      records.add(new ProducerRecord<>("events", event.getBytes(StandardCharsets.UTF_8)));
    }
    return records;
  }
}
