package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scores and dead letters of old events, on topics that keep or take only what is younger. */
@Timeout(180)
class TopicsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MINUTE = Duration.ofMinutes(1).toMillis();
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long SECONDS = 1_700_000_000L; // under epoch_ms a day of January 1970
  private static final int BACKLOG = 2000;

  /** Segments of some 250 scores, deleted as soon as that is due. */
  private static final Map<String, String> AN_HOUR =
      Map.of(
          "retention.ms", "3600000",
          "segment.ms", "1000",
          "internal.segment.bytes", "65536",
          "file.delete.delay.ms", "0");

  @TempDir static Path folder;
  private static EmbeddedKafka broker;
  private static KafkaTopics topics;
  private static Path model;
  private static int witnesses;

  @BeforeAll
  static void start() throws Exception {
    broker =
        EmbeddedKafka.start(
            folder.resolve("broker"),
            0,
            Map.of("log.retention.check.interval.ms", "100", "log.initial.task.delay.ms", "100"));
    topics = new KafkaTopics(broker.bootstrapServers());
    model = TinyModel.write(folder.resolve("v1"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"at_least_once", "exactly_once"})
  void everyOutcomeOfADayOldBacklogIsThereAfterTheBrokersCleanUp(String delivery) throws Exception {
    long now = System.currentTimeMillis();
    List<ProducerRecord<byte[], byte[]>> events = new ArrayList<>();
    for (int i = 0; i < BACKLOG; i++) {
      events.add(event(delivery, now - DAY, i % 100 == 0 ? SECONDS : now - DAY + i));
    }
    score(delivery, delivery, AN_HOUR, events);

    awaitCleanUp();
    List<ConsumerRecord<byte[], byte[]>> scores = topics.read(delivery + "-scores");
    assertThat(scores).hasSize(BACKLOG);
    for (ConsumerRecord<byte[], byte[]> score : scores) {
      JsonNode value = JSON.readTree(score.value());
      long offset = value.at("/source/offset").longValue();
      assertThat(value.get("event_time").longValue())
          .isEqualTo(offset % 100 == 0 ? SECONDS : now - DAY + offset);
      assertThat(score.timestamp()).isEqualTo(value.get("scored_at").longValue());
    }
    assertThat(topics.read(delivery + "-dead")).hasSize(1);
  }

  @Test
  void theBrokerTakesEveryRecordWhereTheTopicBoundsTimestamps() throws Exception {
    long now = System.currentTimeMillis();
    List<Long> minutes = List.of(-24 * 60L, -40L, -10L, 0L, 5L, 20L);
    List<ProducerRecord<byte[], byte[]>> events = new ArrayList<>();
    for (long minute : minutes) {
      events.add(event("bounded", now, now + minute * MINUTE));
    }
    score(
        "bounded",
        "exactly_once",
        Map.of(
            "message.timestamp.before.max.ms",
            "3600000",
            "message.timestamp.after.max.ms",
            "600000"),
        events);

    List<Boolean> kept = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> score : topics.read("bounded-scores")) {
      JsonNode value = JSON.readTree(score.value());
      boolean own = score.timestamp() == value.get("event_time").longValue();
      assertThat(score.timestamp())
          .isEqualTo(value.get(own ? "event_time" : "scored_at").longValue());
      kept.add(own);
    }
    assertThat(kept).containsExactly(false, false, true, true, true, false);
  }

  /** As it is where only the cluster reaches the brokers: nothing looks before the job does. */
  @Test
  void aJobWhoseRecordsItsTopicsWouldRefuseFailsOnceAndSaysWhatToSet() throws Exception {
    broker.createTopic("refusing", 1, Map.of());
    broker.createTopic("refusing-scores", 1, Map.of("max.message.bytes", "100000"));
    broker.createTopic("refusing-dead", 1, Map.of());
    JobConfig config = config("refusing", "exactly_once", "");
    assertThatThrownBy(
            () -> {
              try (RunningJob job = RunningJob.start(config)) {
                job.await(() -> false);
              }
            })
        .hasStackTraceContaining("topic refusing-scores: max.message.bytes=100000")
        .hasStackTraceContaining("or output.max_bytes=83616 or less");
  }

  private static ProducerRecord<byte[], byte[]> event(String topic, long timestamp, long time) {
    String json = "{\"event_time\":%d,\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}".formatted(time);
    return new ProducerRecord<>(topic, 0, timestamp, null, json.getBytes(UTF_8));
  }

  /** Scores the events, and after them one that is none and as old as the first. */
  private static void score(
      String name,
      String delivery,
      Map<String, String> outputs,
      List<ProducerRecord<byte[], byte[]>> events)
      throws Exception {
    broker.createTopic(name, 1, Map.of());
    broker.createTopic(name + "-scores", 1, outputs);
    broker.createTopic(name + "-dead", 1, outputs);
    List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>(events);
    all.add(
        new ProducerRecord<>(name, 0, events.get(0).timestamp(), null, "no event".getBytes(UTF_8)));
    var unused = topics.send(all);
    try (RunningJob job =
        RunningJob.start(config(name, delivery, ", restart-strategy.type: none"))) {
      job.await(() -> topics.end(name + "-dead") > 0);
      job.stop(Files.createDirectories(folder.resolve("savepoint-" + name)));
    }
  }

  /** Flink's own strategy starts a job again and again. */
  private static JobConfig config(String name, String delivery, String flink) {
    String yaml =
        """
        job: %1$s
        kafka: {bootstrap.servers: "%2$s", batch.size: 16384}  # within a segment
        events: {topic: %1$s, group: it}
        scores: {topic: %1$s-scores, delivery: %3$s, transaction_timeout: 1min}
        dead_letters: {topic: %1$s-dead}
        model: {directory: "%4$s"}
        flink: {checkpoint_interval: 200ms%5$s}
        """
            .formatted(name, broker.bootstrapServers(), delivery, model, flink);
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml);
  }

  /**
   * Returns when the broker has looked at all topics for what is due, at least once from here on: a
   * second witness is deleted after the pass that deleted the first has ended.
   */
  private static void awaitCleanUp() throws Exception {
    for (int i = 0; i < 2; i++) {
      String witness = "witness" + witnesses++;
      broker.createTopic(witness, 1, AN_HOUR);
      long old = System.currentTimeMillis() - DAY;
      var unused = topics.send(List.of(event(witness, old, old)));
      while (!topics.read(witness).isEmpty()) {
        Thread.sleep(50);
      }
    }
  }
}
