package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.pipeline.CommittedScore;
import io.github.flinkdeepfm.pipeline.OfflineLogits;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Versions published while a real job scores a real topic. */
@Timeout(120)
class RefreshIT {
  private static final int PARTITIONS = 2;
  private static final List<String> VERSIONS = List.of("v1", "v2", "v3", "v4");

  /** What goes wrong while v3 is taken up. */
  enum Failure {
    NONE,
    TASK_WHILE_PREPARING,
    TASK_AFTER_THE_BARRIER
  }

  @TempDir static Path folder;
  private static EmbeddedKafka broker;

  @BeforeAll
  static void start() {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyScoreIsThatOfItsVersionAndVersionsSwitchAtOneCheckpoint(Failure failure)
      throws Exception {
    String name = failure.name().toLowerCase(java.util.Locale.ROOT);
    Path root = folder.resolve(name);
    for (String topic : List.of("events-", "scores-", "dead-")) {
      broker.createTopic(topic + name, PARTITIONS, Map.of());
    }
    ModelPublisher publisher =
        new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard());
    publish(publisher, name, "v1", Optional.empty());

    EpochLog.Notes notes = EpochLog.notes(name);
    AtomicInteger sent = new AtomicInteger();
    JobConfig config = config(name, root);
    try (Load load = new Load("events-" + name, sent);
        LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), PARTITIONS)) {
      JobID job = submit(cluster, config, name);
      await("v1", () -> notes.isCommittedByAll("v1", PARTITIONS));
      publish(publisher, name, "v2", Optional.empty());
      await("v2", () -> notes.isCommittedByAll("v2", PARTITIONS));
      if (failure == Failure.TASK_AFTER_THE_BARRIER) {
        notes.failAtFirstOf = "v3";
      }
      publish(publisher, name, "v3", Optional.of("v2"));
      notes.failNext.set(failure == Failure.TASK_WHILE_PREPARING);
      await("v3", () -> notes.isCommittedByAll("v3", PARTITIONS));
      publish(publisher, name, "v4", Optional.of("v3"));
      await("v4", () -> notes.isCommittedByAll("v4", PARTITIONS));
      load.stop();
      await("all scores", () -> scores(name).size() >= sent.get());
      cluster.cancel(job);
    }
    assertThat(notes.failNext).isFalse();
    assertThat(notes.failAtFirstOf).isNull();

    List<CommittedScore> scores = scores(name);
    assertThat(scores).hasSize(sent.get());
    assertThat(scores.stream().map(s -> s.partition() + "-" + s.offset()).distinct())
        .hasSize(sent.get());
    assertVersionsNeverGoBack(scores);
    notes
        .committed()
        .forEach(
            (checkpoint, epoch) ->
                assertThat(epoch.values().stream().flatMap(v -> v.stream()).distinct().count())
                    .as("versions up to checkpoint %d: %s", checkpoint, epoch)
                    .isLessThanOrEqualTo(1));
    assertLogitsAreTheVersions(root, scores);
  }

  private static void assertVersionsNeverGoBack(List<CommittedScore> scores) {
    for (int partition = 0; partition < PARTITIONS; partition++) {
      TreeMap<Long, String> byOffset = new TreeMap<>();
      for (CommittedScore score : scores) {
        if (score.partition() == partition) {
          byOffset.put(score.offset(), score.version());
        }
      }
      assertThat(new ArrayList<>(byOffset.values())).isSorted();
      assertThat(byOffset.values()).contains("v1", "v2", "v3", "v4");
    }
  }

  /** Bit for bit, recomputed alone; and as a control not those of the version before or after. */
  private static void assertLogitsAreTheVersions(Path root, List<CommittedScore> scores)
      throws Exception {
    Map<String, float[]> logits = new TreeMap<>();
    int events = scores.stream().mapToInt(RefreshIT::event).max().orElseThrow() + 1;
    for (String version : VERSIONS) {
      logits.put(version, offline(root.resolve(version), events));
    }
    int different = 0;
    for (CommittedScore score : scores) {
      assertThat(Float.floatToRawIntBits(score.logit()))
          .as("%s", score)
          .isEqualTo(Float.floatToRawIntBits(logits.get(score.version())[event(score)]));
      int at = VERSIONS.indexOf(score.version());
      String neighbour = VERSIONS.get(at == 0 ? 1 : at - 1);
      different += score.logit() == logits.get(neighbour)[event(score)] ? 0 : 1;
    }
    assertThat(different).isGreaterThanOrEqualTo((int) Math.ceil(scores.size() * 0.99));
  }

  private static float[] offline(Path version, int events) throws Exception {
    float[] logits = new float[events];
    try (OfflineLogits offline = new OfflineLogits(version)) {
      for (int i = 0; i < events; i++) {
        logits[i] = offline.of(value(i));
      }
    }
    return logits;
  }

  private static void publish(
      ModelPublisher publisher, String name, String version, Optional<String> base)
      throws Exception {
    int seed = VERSIONS.indexOf(version);
    Path made = TinyModel.write(folder.resolve("made-" + name).resolve(version), seed);
    PublishOptions options = PublishOptions.DEFAULT.withVersion(version);
    publisher.publish(made, base.map(options::withBase).orElse(options));
  }

  private static JobConfig config(String name, Path root) {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: %1$s
            kafka: {bootstrap.servers: "%2$s"}
            events: {topic: events-%1$s, group: %1$s, start: earliest}
            scores: {topic: scores-%1$s, transaction_timeout: 1min}
            dead_letters: {topic: dead-%1$s}
            model: {root: "%3$s", poll: 50ms, cache: {dir: "%4$s"}}
            flink: {parallelism: 2, checkpoint_interval: 300ms, restart-strategy.type: fixed-delay,
                    restart-strategy.fixed-delay.attempts: 10, restart-strategy.fixed-delay.delay: 10ms}
            """
                .formatted(name, broker.bootstrapServers(), root, folder.resolve("cache-" + name)));
  }

  /** The job of {@link ScoringJob}, with the log before its score sink. */
  private static JobID submit(LocalCluster cluster, JobConfig config, String name)
      throws Exception {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(PARTITIONS, FlinkOptions.of(config));
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    var events =
        env.fromSource(
            KafkaEvents.source(config),
            WatermarkStrategy.noWatermarks(),
            "events",
            KafkaEvents.TYPE);
    var scores = ScoringPipeline.score(events, ScoringJob.settings(config, model));
    scores
        .map(new EpochLog(name))
        .returns(new ChainedTypeInfo<>(ScoredEvent.class))
        .sinkTo(KafkaSinks.scores(config));
    scores.getSideOutput(ScoringPipeline.DEAD_LETTERS).sinkTo(KafkaSinks.deadLetters(config));
    return cluster.submit(env.getStreamGraph());
  }

  private static byte[] value(int i) {
    return "{\"event_id\":\"%d\",\"metrics\":{\"x0\":%d.25,\"x1\":%d},\"ids\":{\"c0\":[%d,%d]}}"
        .formatted(i, i % 97, i % 31, i % 10, i % 7)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static List<CommittedScore> scores(String name) throws Exception {
    List<CommittedScore> scores = new ArrayList<>();
    for (var record : new KafkaTopics(broker.bootstrapServers()).read("scores-" + name)) {
      scores.add(CommittedScore.parse(record.value()));
    }
    return scores;
  }

  private static int event(CommittedScore score) {
    return Integer.parseInt(score.eventId());
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("expected within 40 s: " + what);
      }
      Thread.sleep(50);
    }
  }

  /** Sends events until it is stopped. */
  private static final class Load implements AutoCloseable {
    private final CompletableFuture<Void> done;
    private volatile boolean stopped;

    Load(String topic, AtomicInteger sent) {
      done = CompletableFuture.runAsync(() -> send(topic, sent));
    }

    private void send(String topic, AtomicInteger sent) {
      Properties properties = new Properties();
      properties.put("bootstrap.servers", broker.bootstrapServers());
      properties.put("linger.ms", "5");
      try (KafkaProducer<byte[], byte[]> producer =
          new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
        while (!stopped) {
          int i = sent.getAndIncrement();
          var unused =
              producer.send(new ProducerRecord<>(topic, i % PARTITIONS, new byte[0], value(i)));
          LockSupport.parkNanos(500_000);
        }
      }
    }

    void stop() {
      stopped = true;
      done.join();
    }

    @Override
    public void close() {
      stop();
    }
  }
}
