package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.CommittedScore;
import io.github.flinkdeepfm.pipeline.OfflineLogits;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole savepoints that releases of this project have written, never made anew: {@code
 * savepoints/<release>} has one, and the model root that its job followed. Each was taken with v1
 * active, after the job had read {@value #BEFORE} events, all of them scored and committed: a
 * transaction that a savepoint is to commit can be found only by the broker that it was begun at.
 */
@Timeout(120)
class StoredSavepointIT {
  private static final Path STORED = Path.of("src", "test", "resources", "savepoints");
  private static final String METADATA = "_metadata";
  private static final int PARTITIONS = 2;
  private static final int BEFORE = 40;
  private static final int AFTER = 20;

  @TempDir Path folder;
  private Path root;
  private EmbeddedKafka broker;
  private KafkaTopics topics;
  private int sent;

  @BeforeEach
  void start() {
    root = folder.resolve("root");
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    topics = new KafkaTopics(broker.bootstrapServers());
    for (String topic : List.of("events", "scores", "dead")) {
      broker.createTopic(topic, PARTITIONS, Map.of());
    }
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  static List<Path> releases() throws Exception {
    try (Stream<Path> releases = Files.list(STORED)) {
      return releases.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aJobGoesOnWhereTheReleaseThatWroteTheSavepointStopped(Path release) throws Exception {
    FileUtils.copy(
        new org.apache.flink.core.fs.Path(release.resolve("root").toUri()),
        new org.apache.flink.core.fs.Path(root.toUri()),
        false);
    send(BEFORE + AFTER);
    JobConfig config = config();
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), PARTITIONS)) {
      submit(cluster, config, Optional.of(release));
      await("scores", () -> scores().size() >= AFTER);
      List<CommittedScore> first = scores();
      assertThat(first)
          .extracting(score -> Integer.parseInt(score.eventId()))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(BEFORE, BEFORE + AFTER).boxed().toList());
      assertThat(first).extracting(CommittedScore::version).containsOnly("v1");
      assertLogitsAreThoseOfV1(first);

      publish("v2", 2);
      await(
          "a score of v2",
          () -> {
            send(PARTITIONS);
            return scores().stream().anyMatch(score -> score.version().equals("v2"));
          });
      await("all scores", () -> scores().size() >= sent - BEFORE);
      assertThat(scores()).extracting(CommittedScore::eventId).doesNotHaveDuplicates();
    }
  }

  private void assertLogitsAreThoseOfV1(List<CommittedScore> scores) throws Exception {
    try (OfflineLogits v1 = new OfflineLogits(root.resolve("v1"))) {
      for (CommittedScore score : scores) {
        assertThat(Float.floatToRawIntBits(score.logit()))
            .as("%s", score)
            .isEqualTo(Float.floatToRawIntBits(v1.of(value(Integer.parseInt(score.eventId())))));
      }
    }
  }

  /** With {@code -Dsavepoint.write=<release>}: adds the savepoint that this code writes. */
  @Test
  @EnabledIfSystemProperty(named = "savepoint.write", matches = "[\\w.-]+")
  void writesTheSavepointOfThisRelease() throws Exception {
    Path release = STORED.resolve(System.getProperty("savepoint.write"));
    assertThat(release).as("a stored savepoint is never made anew").doesNotExist();
    System.setProperty("os.version", "unknown"); // Else the manifest names this machine's kernel.
    publish("v1", 1);
    send(BEFORE);
    JobConfig config = config();
    Path savepoints = folder.resolve("savepoints");
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), PARTITIONS)) {
      JobID job = submit(cluster, config, Optional.empty());
      await("all scores", () -> scores().size() == BEFORE);
      Thread.sleep(2000); // Some checkpoints more: nothing is left to commit.
      cluster.stop(job, savepoints);
    }
    FileUtils.deleteDirectory(root.resolve("in-use").toFile());
    List<Path> files;
    try (Stream<Path> savepoint = Files.walk(savepoints)) {
      files = savepoint.filter(Files::isRegularFile).toList();
    }
    assertThat(files).singleElement().matches(file -> file.endsWith(METADATA));
    assertThat(Files.size(files.get(0))).isLessThan(100_000);
    FileUtils.copy(
        new org.apache.flink.core.fs.Path(root.toUri()),
        new org.apache.flink.core.fs.Path(release.resolve("root").toUri()),
        false);
    Files.copy(files.get(0), release.resolve(METADATA));
  }

  private void publish(String version, int seed) throws Exception {
    Path made = TinyModel.write(folder.resolve("made").resolve(version), seed);
    new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard())
        .publish(made, PublishOptions.DEFAULT.withVersion(version));
  }

  private static byte[] value(int i) {
    return "{\"event_id\":\"%d\",\"metrics\":{\"x0\":%d.25,\"x1\":%d},\"ids\":{\"c0\":[%d,%d]}}"
        .formatted(i, i % 97, i % 31, i % 10, i % 7)
        .getBytes(StandardCharsets.UTF_8);
  }

  private void send(int count) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = sent; i < sent + count; i++) {
      records.add(new ProducerRecord<>("events", i % PARTITIONS, null, value(i)));
    }
    topics.send(records);
    sent += count;
  }

  private List<CommittedScore> scores() throws Exception {
    List<CommittedScore> scores = new ArrayList<>();
    for (var record : topics.read("scores")) {
      scores.add(CommittedScore.parse(record.value()));
    }
    return scores;
  }

  private JobConfig config() {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: stored
            kafka: {bootstrap.servers: "%s"}
            events: {topic: events, group: stored, start: earliest}
            scores: {topic: scores, transaction_timeout: 1min}
            dead_letters: {topic: dead}
            model: {root: "%s", poll: 50ms, cache: {dir: "%s"}}
            flink: {parallelism: 2, checkpoint_interval: 300ms, restart-strategy.type: disable}
            """
                .formatted(broker.bootstrapServers(), root, folder.resolve("cache")));
  }

  private static JobID submit(LocalCluster cluster, JobConfig config, Optional<Path> savepoint)
      throws Exception {
    Configuration options = FlinkOptions.of(config);
    savepoint.ifPresent(
        path ->
            options.set(
                StateRecoveryOptions.SAVEPOINT_PATH, path.toAbsolutePath().toUri().toString()));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(PARTITIONS, options);
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    ScoringJob.define(env, config, ScoringJob.settings(config, model));
    JobID job = cluster.submit(env.getStreamGraph());
    cluster.awaitRunning(job);
    return job;
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("expected within 40 s: %s", what).isLessThan(end);
      Thread.sleep(50);
    }
  }
}
