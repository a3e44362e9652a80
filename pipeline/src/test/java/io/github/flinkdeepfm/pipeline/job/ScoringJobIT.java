package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import java.util.concurrent.Future;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The streaming job against a real broker, counted by source coordinates. */
@Timeout(180)
class ScoringJobIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant EVENT_TIME = Instant.parse("2023-11-14T22:13:20Z");
  private static final int PARTITIONS = 2;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    broker.createTopic("events", PARTITIONS, Map.of());
    broker.createTopic("scores", PARTITIONS, Map.of());
    broker.createTopic("events-dead", 1, Map.of());
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void everyCoordinateIsOneScoreOrOneDeadLetterAcrossAStopWithSavepoint() throws Exception {
    Path model = TinyModel.write(folder.resolve("v1"));
    JobConfig config = config(model);
    TreeSet<String> sent = new TreeSet<>();

    sent.addAll(produce(0, 3000));
    String savepoint;
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), 2)) {
      JobID job = submit(cluster, config, Optional.empty());
      sent.addAll(produce(3000, 4000));
      await(6000); // in the middle of the stream as far as the source is concerned
      sent.addAll(produce(7000, 500));
      savepoint = stopWithSavepoint(cluster.restAddress(), job);
      assertThat(cluster.await(job)).isPresent();
    }
    sent.addAll(produce(7500, 2500));
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), 2)) {
      JobID job = submit(cluster, config, Optional.of(savepoint));
      await(10_000);
      cluster.cancel(job);
      assertThat(cluster.await(job)).isEmpty();
    }

    List<ConsumerRecord<byte[], byte[]>> scores = read("scores");
    List<ConsumerRecord<byte[], byte[]>> dead = read("events-dead");
    List<String> got = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : scores) {
      got.add(checkScore(record));
    }
    for (ConsumerRecord<byte[], byte[]> record : dead) {
      JsonNode letter = JSON.readTree(record.value());
      assertThat(letter.get("reason").textValue()).isIn("NOT_JSON", "EMPTY", "TOMBSTONE");
      got.add(coordinates(letter));
    }
    assertThat(got).doesNotHaveDuplicates();
    assertThat(new TreeSet<>(got)).isEqualTo(sent);
    assertThat(dead).hasSize(300);
  }

  private static String checkScore(ConsumerRecord<byte[], byte[]> record) throws Exception {
    JsonNode score = JSON.readTree(record.value());
    int i = Integer.parseInt(score.get("event_id").textValue().substring(1));
    long time = EVENT_TIME.plusSeconds(i).toEpochMilli();
    assertThat(record.timestamp()).isEqualTo(time);
    assertThat(score.get("label").intValue()).isEqualTo(i % 2);
    assertThat(score.get("fields").get("/who/user").textValue()).isEqualTo("u" + i);
    assertThat(score.get("model_version").textValue()).isEqualTo("v1");
    assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("k" + i);
    assertThat(record.headers().lastHeader("trace").value()).isEqualTo(record.key());
    assertThat(record.headers().lastHeader("numerics").value()).isNotEmpty();
    return coordinates(score);
  }

  private static String coordinates(JsonNode outcome) {
    JsonNode source = outcome.get("source");
    assertThat(source.get("topic").textValue()).isEqualTo("events");
    return source.get("partition") + "-" + source.get("offset");
  }

  private static JobID submit(LocalCluster cluster, JobConfig config, Optional<String> savepoint)
      throws Exception {
    Configuration options = FlinkOptions.of(config);
    savepoint.ifPresent(path -> options.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, options);
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    ScoringJob.define(env, config, ScoringJob.settings(config, model));
    return cluster.submit(env.getStreamGraph());
  }

  private static JobConfig config(Path model) {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: it
            kafka: {bootstrap.servers: "%s"}
            events: {topic: events, group: it}
            event: {id: /meta/id, time: /meta/at, time_format: iso8601, label: /outcome/clicked}
            output: {copy: [/who/user]}
            scores: {topic: scores, transaction_timeout: 1min}
            dead_letters: {topic: events-dead}
            model: {directory: "%s"}
            flink: {parallelism: 2, checkpoint_interval: 500ms}
            """
                .formatted(broker.bootstrapServers(), model));
  }

  /** Sends events i = first …, of which three in a hundred are broken; returns coordinates. */
  private static List<String> produce(int first, int count) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    List<String> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> pending = new ArrayList<>();
      for (int i = first; i < first + count; i++) {
        byte[] key = ("k" + i).getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>("events", i % PARTITIONS, key, value(i));
        record.headers().add("trace", key);
        pending.add(producer.send(record));
      }
      for (Future<RecordMetadata> ack : pending) {
        sent.add(ack.get().partition() + "-" + ack.get().offset());
      }
    }
    return sent;
  }

  private static byte[] value(int i) {
    return switch (i % 100) {
      case 11 -> null;
      case 37 -> new byte[0];
      case 73 -> "{\"meta\":".getBytes(StandardCharsets.UTF_8);
      default ->
          """
          {"meta":{"id":"e%d","at":"%s"},"who":{"user":"u%d"},"outcome":{"clicked":%d},
           "metrics":{"x0":%d.5,"x1":-1},"ids":{"c0":[%d]}}
          """
              .formatted(i, EVENT_TIME.plusSeconds(i), i, i % 2, i % 7, i % 10)
              .getBytes(StandardCharsets.UTF_8);
    };
  }

  private static void await(int outcomes) throws Exception {
    while (read("scores").size() + read("events-dead").size() < outcomes) {
      Thread.sleep(200);
    }
  }

  /** All committed records of a topic. */
  private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  /** By Flink's REST API, as a user does it; returns where the savepoint is. */
  private static String stopWithSavepoint(URI rest, JobID job) throws Exception {
    String body = "{\"targetDirectory\":\"" + folder.resolve("savepoints").toUri() + "\"}";
    URI stop = rest.resolve("/jobs/" + job + "/stop");
    JsonNode request =
        send(
            HttpRequest.newBuilder(stop)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    URI status =
        rest.resolve("/jobs/" + job + "/savepoints/" + request.get("request-id").textValue());
    while (true) {
      JsonNode answer = send(HttpRequest.newBuilder(status));
      if (answer.at("/status/id").textValue().equals("COMPLETED")) {
        assertThat(answer.at("/operation/location").isTextual()).as("%s", answer).isTrue();
        return answer.at("/operation/location").textValue();
      }
      Thread.sleep(100);
    }
  }

  private static JsonNode send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return JSON.readTree(response.body());
  }
}
