package io.github.flinkdeepfm.operators;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * A cluster of two TaskManagers with a slot each, a model root, and an endless job that scores with
 * what lies under it.
 */
final class RefreshRig implements AutoCloseable {
  static final int PARALLELISM = 2;

  final Path root;
  final CommittedScores.Log log;
  MiniCluster cluster;
  JobID job;

  private final String name = UUID.randomUUID().toString();
  private final Path folder;
  private final InMemoryReporter reporter = InMemoryReporter.create();
  private RefreshSettings settings;
  private long checkpointMillis = 100;
  private long lastEvent = Long.MAX_VALUE;
  private int parallelism = PARALLELISM;

  RefreshRig(Path folder) {
    this.folder = folder;
    this.root = folder.resolve("root");
    this.log = CommittedScores.log(name);
    this.settings =
        new RefreshSettings(
            root.toString(),
            RefreshSettings.At.CHECKPOINT,
            10,
            20_000,
            false,
            folder.resolve("cache").toString(),
            1 << 20,
            null,
            name);
  }

  String name() {
    return name;
  }

  /** 0: no checkpoints. */
  void checkpointMillis(long millis) {
    checkpointMillis = millis;
  }

  /** Makes the input end. */
  void lastEvent(long number) {
    lastEvent = number;
  }

  /** Starts the job again on the same cluster. */
  void restart(String version, int slots, String savepoint) throws Exception {
    restart(version, false, slots, savepoint);
  }

  /** As {@link #restart(String, int, String)}, with a version that may have been asked for. */
  void restart(String version, boolean requested, int slots, String savepoint) throws Exception {
    parallelism = slots;
    settings =
        new RefreshSettings(
            root.toString(),
            settings.at(),
            settings.pollMillis(),
            settings.prepareTimeoutMillis(),
            false,
            settings.cacheDir(),
            settings.cacheBytes(),
            null,
            name + "-again");
    StreamGraph graph =
        graph(new RefreshingMicroBatchFactory<>(RawEvents.KIND, scoring(version, requested)));
    graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(savepoint));
    job = cluster.submitJob(graph).get().getJobID();
  }

  /**
   * A counter of the coordinator, summed over its life.
   *
   * @param name the counter, then the reason that it is for, if any
   */
  long coordinatorCounter(String... name) {
    String wanted = name.length == 1 ? "." + name[0] : ".reason." + name[1] + "." + name[0];
    return reporter.findMetrics(job, ".*\\Q" + wanted + "\\E").entrySet().stream()
        .filter(e -> e.getKey().endsWith(wanted) && e.getValue() instanceof Counter)
        .mapToLong(e -> ((Counter) e.getValue()).getCount())
        .sum();
  }

  /** Of the coordinator that was started last. */
  long coordinatorGauge(String name) {
    return reporter.findMetrics(job, ".*\\Q." + name + "\\E").values().stream()
        .filter(metric -> metric instanceof Gauge)
        .mapToLong(metric -> (Long) ((Gauge<?>) metric).getValue())
        .min()
        .orElseThrow();
  }

  /** Of all subtasks and the coordinator. */
  List<Metric> metrics(String name) {
    return List.copyOf(reporter.findMetrics(job, ".*\\Q." + name + "\\E").values());
  }

  RefreshSettings settings() {
    return settings;
  }

  void settings(RefreshSettings changed) {
    settings = changed;
  }

  /** Publishes a version with weights of its own, whole. */
  void publish(String version, long seed) throws Exception {
    publish(TestModel.write(folder.resolve("made"), version, seed), version);
  }

  void publish(Path directory, String version) throws Exception {
    Files.createDirectories(root);
    publisher().publish(directory, PublishOptions.DEFAULT.withVersion(version));
  }

  /** A delta that changes one row of the first table and the over-arch's bias. */
  void publishDelta(String version, String base, long row, float[] values) throws Exception {
    EmbeddingBagConfig table = TestModel.CONFIG.tables().get(0);
    new SafetensorsWriter()
        .put(StateDict.deltaRows(table), new long[] {row}, 1)
        .put(StateDict.deltaValues(table), values, 1, values.length)
        .put(StateDict.OVER_BIAS, new float[] {7}, 1)
        .write(Files.createDirectories(root.resolve(version)).resolve("delta.safetensors"));
    write(
        new Manifest(
            version,
            Manifest.Kind.DELTA,
            Optional.of(base),
            Instant.now().plusSeconds(60),
            List.of(entry(version, "delta.safetensors")),
            MissingNode.getInstance()));
  }

  /** What a manifest says of a file as it now is. */
  Manifest.FileEntry entry(String version, String name) throws Exception {
    byte[] bytes = Files.readAllBytes(root.resolve(version).resolve(name));
    return new Manifest.FileEntry(name, bytes.length, Sha256.of(bytes));
  }

  void write(Manifest manifest) throws Exception {
    Files.writeString(
        root.resolve(manifest.version()).resolve("manifest.json"), ManifestWriter.toJson(manifest));
  }

  ModelPublisher publisher() {
    return new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard());
  }

  ScoringSettings scoring(String version) {
    return scoring(version, false);
  }

  private ScoringSettings scoring(String version, boolean requested) {
    return new ScoringSettings(
        settings.root(),
        settings.root() + "/" + version,
        version,
        requested,
        EventMapping.DEFAULT,
        64,
        1000,
        2,
        ScoringSettings.DEFAULT_OUTPUT_LIMIT,
        settings);
  }

  /** Starts the job with a version. */
  void start(String version) throws Exception {
    start(new RefreshingMicroBatchFactory<>(RawEvents.KIND, scoring(version)));
  }

  void start(RefreshingMicroBatchFactory<RawEvent> factory) throws Exception {
    Configuration options = new Configuration();
    options.set(RestOptions.BIND_PORT, "0");
    reporter.addToConfiguration(options);
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(options)
                .setNumTaskManagers(PARALLELISM)
                .setNumSlotsPerTaskManager(1)
                .build());
    cluster.start();
    job = cluster.submitJob(graph(factory)).get().getJobID();
  }

  StreamGraph graph(RefreshingMicroBatchFactory<RawEvent> factory) {
    Configuration options = new Configuration();
    options.set(PipelineOptions.OBJECT_REUSE, true);
    if (checkpointMillis > 0) {
      options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(checkpointMillis));
    }
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 20);
    options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, options);
    DataStream<RawEvent> events =
        env.fromSource(
                new NumberSequenceSource(0, lastEvent), WatermarkStrategy.noWatermarks(), "numbers")
            .uid("numbers")
            .map(new Throttled())
            .returns(new ChainedTypeInfo<>(RawEvent.class));
    events
        .transform(ScoringPipeline.MICRO_BATCH, MicroBatch.type(), factory)
        .uid(ScoringPipeline.MICRO_BATCH)
        .transform(
            ScoringPipeline.SCORE,
            new ChainedTypeInfo<>(ScoredEvent.class),
            new ScoringOperatorFactory<>(RawEvents.KIND, null))
        .uid(ScoringPipeline.SCORE)
        .map(new CommittedScores(name))
        .uid("committed")
        .sinkTo(new DiscardingSink<>());
    return env.getStreamGraph();
  }

  void awaitCommitted(String version) throws Exception {
    Await.until("scores of " + version, () -> log.isCommitted(version, PARALLELISM));
  }

  @Override
  public void close() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    ModelStore.SHARED.clean();
  }

  private static final class Throttled implements MapFunction<Long, RawEvent> {
    private static final long serialVersionUID = 1L;

    @Override
    public RawEvent map(Long number) {
      LockSupport.parkNanos(100_000);
      return TestModel.event(number % 1_000_000);
    }
  }
}
