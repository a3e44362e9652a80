package io.github.flinkdeepfm.pipeline.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.job.KafkaTopics;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Output topics that take less than a broker's defaults, on a cluster of processes: no record of an
 * untrusted producer's event may restart the job, let alone end the process that it shares.
 */
@Timeout(300)
class RefusedRecordsIT {
  private static final int EVENTS = 60;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String LIMIT = "max.message.bytes";
  private static final byte[] JUNK = "x".repeat(30_000).getBytes(UTF_8);
  private static final byte[] OLD =
      "{\"event_time\":1000000000000,\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}".getBytes(UTF_8);

  private static ClusterProcesses cluster;
  private static KafkaTopics topics;
  private static Admin admin;

  @BeforeAll
  static void start() throws Exception {
    cluster = new ClusterProcesses("refused", 3);
    cluster.start(1, List.of());
    topics = new KafkaTopics(cluster.bootstrapServers());
    admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
    TinyModel.write(cluster.folder().resolve("model"));
  }

  @AfterAll
  static void stop() {
    admin.close();
    cluster.close();
  }

  @Test
  void recordsAreMadeAsTheTopicsTakeThem() throws Exception {
    create("fit", Map.of());
    create("fit-scores", Map.of("message.timestamp.before.max.ms", "86400000"));
    create("fit-dead", Map.of(LIMIT, "20000", "cleanup.policy", "compact"));
    JobControl job = job("fit", "exactly_once");
    job.submit(1, Optional.empty());
    send("fit", OLD);
    send("fit", JUNK);
    Await.until("all scores", PATIENCE, () -> topics.count("fit-scores") == EVENTS);
    Await.until("all dead letters", PATIENCE, () -> topics.count("fit-dead") == EVENTS);

    for (ConsumerRecord<byte[], byte[]> letter : topics.read("fit-dead")) {
      JsonNode value = new ObjectMapper().readTree(letter.value());
      JsonNode source = value.get("source");
      assertThat(new String(letter.key(), UTF_8)).isEqualTo("fit-0-" + source.get("offset"));
      assertThat(value.get("payload_length").intValue()).isEqualTo(JUNK.length);
      assertThat(value.get("payload").binaryValue()).hasSizeBetween(14_000, 15_000);
    }
    job.awaitRunning();
    assertThat(job.restarts()).isZero();
    job.cancel();
  }

  /** Nobody looks at a topic between two records: the second job shows that the process lives. */
  @ParameterizedTest
  @ValueSource(strings = {"exactly_once", "at_least_once"})
  void aLimitThatShrinksFailsItsJobOnceAndNothingElse(String delivery) throws Exception {
    String name = "shrinks-" + delivery;
    for (String topic : List.of(name, name + "-scores", name + "-dead", "by-" + name)) {
      create(topic, Map.of());
    }
    for (String output : List.of("-scores", "-dead")) {
      create("by-" + name + output, Map.of());
    }
    JobControl bystander = job("by-" + name, "exactly_once");
    bystander.submit(1, Optional.empty());
    JobControl job = job(name, delivery);
    job.submit(1, Optional.empty());
    send(name, OLD);
    Await.until("all scores", PATIENCE, () -> topics.count(name + "-scores") == EVENTS);

    limit(name + "-dead", 20_000);
    send(name, JUNK);
    assertThat(job.awaitFailed())
        .contains("RefusedRecordException", "topic " + name + "-dead: expected", name + "-0-");
    assertThat(topics.count(name + "-dead")).isZero();
    send("by-" + name, OLD);
    Await.until(
        "the other's scores", PATIENCE, () -> topics.count("by-" + name + "-scores") == EVENTS);
    assertThat(bystander.restarts()).isZero();
    assertThat(cluster.countInLogs("FATAL")).isZero();

    job.resumeFromCheckpoint();
    Await.until("all dead letters", PATIENCE, () -> topics.count(name + "-dead") == EVENTS);
    job.awaitRunning();
    assertThat(job.restarts()).isZero();
    assertThat(topics.count(name + "-scores")).isEqualTo(EVENTS);
    job.cancel();
    bystander.cancel();
  }

  @Test
  void whatCannotBeMadeToFitIsSaidBeforeTheJobStarts() throws Exception {
    create("small", Map.of());
    create("small-scores", Map.of(LIMIT, "100000"));
    create("small-dead", Map.of(LIMIT, "1000"));
    assertThat(job("small", "exactly_once").submitRefused())
        .contains(
            "topic small-scores: max.message.bytes=100000: a record can have 540672 bytes",
            "or output.max_bytes=83616 or less",
            "topic small-dead: max.message.bytes=1000");
  }

  private static JobControl job(String name, String delivery) {
    return new JobControl(
        cluster,
        name,
        """
        job: %1$s
        kafka: {bootstrap.servers: "%2$s"}
        events: {topic: %1$s, group: it, start: earliest}
        scores: {topic: %1$s-scores, delivery: %3$s, transaction_timeout: 5min}
        dead_letters: {topic: %1$s-dead}
        model: {directory: "%4$s"}
        flink: {parallelism: %%d, checkpoint_interval: 500ms,
                execution.checkpointing.dir: "%5$s:%6$s",
                execution.checkpointing.externalized-checkpoint-retention: RETAIN_ON_CANCELLATION,
                restart-strategy.type: fixed-delay,
                restart-strategy.fixed-delay.attempts: 1000, restart-strategy.fixed-delay.delay: 500ms}
        """
            .formatted(
                name,
                cluster.bootstrapServers(),
                delivery,
                cluster.folder().resolve("model"),
                FullDiskFileSystem.SCHEME,
                cluster.checkpoints()));
  }

  private static void create(String topic, Map<String, String> settings) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(settings))).all().get();
  }

  private static void limit(String topic, int bytes) throws Exception {
    ConfigEntry entry = new ConfigEntry(LIMIT, Integer.toString(bytes));
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private static void send(String topic, byte[] event) throws Exception {
    var unused = topics.send(Collections.nCopies(EVENTS, new ProducerRecord<>(topic, event)));
  }
}
