package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.job.KafkaTopics;
import io.github.flinkdeepfm.pipeline.refresh.SoakModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A job under load on a cluster, its versions, and the ledger of what came out: what a fault is
 * inflicted on.
 */
final class FaultStand implements AutoCloseable {
  static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Lets every version of the feed pass, and none that is 9 off. */
  static final String CANARY = ", canary: {max_psi: 1000, max_mean_shift: 0.3}";

  /**
   * Bytes of a batch that no score or dead letter fits into, but a transaction's end marker (78): a
   * broker that cannot write one keeps the transaction, and its producers' ids, for ever.
   */
  static final int NO_RECORD = 100;

  static final String EXACT = "exact";
  private static final String FENCED = "Unable to commit transaction";

  /**
   * The stand's shape.
   *
   * @param name of the job, and part of its topics' names
   * @param deepDimension DI of the model
   * @param model what stands in the section {@code model} besides the root
   * @param batch the section {@code batch}
   * @param rate events a second
   */
  record Shape(String name, int deepDimension, String model, String batch, double rate) {
    List<String> topics() {
      List<String> topics = new ArrayList<>(outputTopics(name));
      topics.add("events-" + name + ":" + PARTITIONS);
      return topics;
    }
  }

  static List<String> outputTopics(String job) {
    return List.of("scores-" + job + ":" + PARTITIONS, "dead-" + job + ":1");
  }

  private final ClusterProcesses cluster;
  private final Shape shape;
  private final VersionFeed versions;
  private final JobControl job;
  private final EventLoad load;
  private final Ledger ledger = new Ledger(PARTITIONS);
  private final OutcomeReader reader;
  private final BitCheck bits;
  private final FaultReport report;

  /** Starts the load; the cluster runs and has the topics. */
  FaultStand(ClusterProcesses cluster, Shape shape, long seed, FaultReport report)
      throws Exception {
    this.cluster = cluster;
    this.shape = shape;
    this.report = report;
    Path root = cluster.folder().resolve("models-" + shape.name());
    SoakModel model = new SoakModel(root, 1 << 20, shape.deepDimension());
    FaultEvents events = new FaultEvents(seed, model.rows());
    versions = new VersionFeed(root, model);
    bits = new BitCheck(root, events, ledger);
    job = job(shape.name());
    load =
        new EventLoad(
            cluster.bootstrapServers(), events, "events-" + shape.name(), PARTITIONS, shape.rate());
    reader = reader(shape.name(), ledger);
  }

  private OutcomeReader reader(String outputs, Ledger into) {
    return new OutcomeReader(
        cluster.bootstrapServers(), "scores-" + outputs, "dead-" + outputs, into);
  }

  /**
   * A job over the events of this stand, with outputs of its own. It unpacks what the load packs by
   * lz4, and packs by zstd: a native library each, which its every submission uses.
   */
  private JobControl job(String outputs) {
    String yaml =
        """
        job: %1$s
        kafka: {bootstrap.servers: "%2$s", compression.type: zstd}
        events: {topic: events-%3$s, group: %1$s, start: earliest}
        scores: {topic: scores-%1$s, transaction_timeout: 5min}
        dead_letters: {topic: dead-%1$s}
        model: {root: "%4$s", poll: 500ms, cache: {dir: "%5$s"}%6$s}
        batch: {%7$s}
        flink: {parallelism: %%d, checkpoint_interval: 1s,
                execution.checkpointing.dir: "%8$s:%9$s",
                execution.checkpointing.timeout: 30s, execution.checkpointing.data-inline-threshold: 0b,
                restart-strategy.type: fixed-delay,
                restart-strategy.fixed-delay.attempts: 1000, restart-strategy.fixed-delay.delay: 500ms}
        """
            .formatted(
                outputs,
                cluster.bootstrapServers(),
                shape.name(),
                cluster.folder().resolve("models-" + shape.name()),
                cluster.folder().resolve("cache"),
                shape.model(),
                shape.batch(),
                FullDiskFileSystem.SCHEME,
                cluster.checkpoints());
    return new JobControl(cluster, outputs, yaml);
  }

  /** Returns when the job runs and has committed scores. */
  void start(int parallelism, boolean refreshing) throws Exception {
    job.submit(parallelism, Optional.empty());
    job.awaitRunning();
    await("first scores", () -> ledger.accounted() > 0);
    if (refreshing) {
      versions.every(3000);
      await("a refresh", () -> ledger.versions().size() > 1);
    }
  }

  /**
   * Inflicts faults and waits until every event that was sent by the recovery has come out. Adds a
   * row to the report; the recovery in it is the time from here to the first score that is
   * committed and was made after the last {@link #struckNow}.
   *
   * @param newVersion whether a version that is published after the faults has to be taken
   * @return the recovery, milliseconds
   */
  long strike(String name, boolean newVersion, ThrowingAction faults) throws Exception {
    long before = ledger.accounted();
    long fenced = cluster.countInLogs(FENCED);
    int versionsBefore = ledger.versions().size();
    long start = System.currentTimeMillis();
    struckNow();
    long recovered = -1;
    long due = load.sent();
    try {
      faults.run();
      await("a score made after: " + name, () -> ledger.firstScoreSince() > 0);
      recovered = ledger.firstScoreSince() - start;
      String published = versions.last();
      due = load.sent();
      settle(due);
      if (newVersion) {
        await("a newer version after: " + name, () -> hasNewerThan(published));
      }
    } finally {
      report.add(
          new FaultReport.Row(
              shape.name(),
              name,
              outcome(due),
              ledger.accounted() - before,
              recovered / 1e3,
              ledger.versions().size() - versionsBefore,
              cluster.countInLogs(FENCED) - fenced,
              ""));
    }
    assertThat(outcome(due)).as("%s: %s", name, ledger.mistakes()).isEqualTo(EXACT);
    return recovered;
  }

  /** One fault, which has to be felt. */
  void strike(Fault fault, boolean newVersion) throws Exception {
    assertThat(strike(fault.toString(), newVersion, () -> fault.inflict(this)))
        .as("recovery, ms: %s", fault)
        .isGreaterThanOrEqualTo(fault.leastMillis());
  }

  String scoreTopic() {
    return "scores-" + shape.name();
  }

  String deadLetterTopic() {
    return "dead-" + shape.name();
  }

  /** Sets how many bytes a batch of a topic may have. */
  void limitRecords(String topic, int bytes) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
      ConfigEntry limit = new ConfigEntry("max.message.bytes", Integer.toString(bytes));
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic),
                  List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  /** From now on only a score that is made later counts as recovered. */
  void struckNow() {
    ledger.watch(System.currentTimeMillis());
  }

  private boolean hasNewerThan(String published) {
    return ledger.versions().stream().anyMatch(version -> version.compareTo(published) > 0);
  }

  /** Waits for the outcome of every event before {@code end}, and checks the bits of all. */
  void settle(long end) throws Exception {
    await("all events", () -> ledger.complete() >= end);
    bits.upTo((int) end);
  }

  /** Of the events before {@code end}. */
  String outcome(long end) {
    long missing = ledger.missing(end);
    if (missing == 0 && ledger.doubled() == 0 && ledger.unexpected() == 0) {
      return EXACT;
    }
    return "%d missing, %d doubled, %d wrong"
        .formatted(missing, ledger.doubled(), ledger.unexpected());
  }

  /**
   * Ends the load, lets a second job that meets no fault score the same events with the same
   * version, and compares: all outcomes, bit by bit.
   */
  void assertSameAsWithoutFaults(String calmName) throws Exception {
    load.close();
    settle(load.sent());
    job.cancel();
    Ledger calm = new Ledger(PARTITIONS);
    JobControl calmJob = job(calmName);
    OutcomeReader calmReader = reader(calmName, calm);
    try {
      calmJob.submit(2, Optional.empty());
      await("the run without faults", () -> calm.complete() >= load.sent());
      calmJob.cancel();
    } finally {
      calmReader.close();
    }
    assertThat(calm.doubled()).isZero();
    assertThat(Set.copyOf(ledger.versions())).isEqualTo(Set.copyOf(calm.versions())).hasSize(1);
    int different = 0;
    for (int event = 0; event < load.sent(); event++) {
      boolean same =
          ledger.version(event).equals(calm.version(event))
              && ledger.logitBits(event) == calm.logitBits(event);
      different += same ? 0 : 1;
    }
    report.add(
        new FaultReport.Row(
            shape.name(),
            "compared with a run without faults",
            different == 0 ? EXACT : different + " different",
            load.sent(),
            0,
            0,
            0,
            ""));
    assertThat(different).isZero();
  }

  /** As retention does; nothing that the job has yet to read. */
  void deleteReadEvents() throws Exception {
    new KafkaTopics(cluster.bootstrapServers()).deleteRead("events-" + shape.name(), shape.name());
  }

  /** A TaskManager that works for the job. */
  ServerJvm victim() {
    return cluster.taskManager(job.aTaskManager());
  }

  ClusterProcesses cluster() {
    return cluster;
  }

  JobControl job() {
    return job;
  }

  EventLoad load() {
    return load;
  }

  Ledger ledger() {
    return ledger;
  }

  VersionFeed versions() {
    return versions;
  }

  FaultReport report() {
    return report;
  }

  static void await(String what, Callable<Boolean> condition) throws InterruptedException {
    Await.until(what, PATIENCE, condition);
  }

  /** What a fault or several do. */
  interface ThrowingAction {
    void run() throws Exception;
  }

  @Override
  public void close() {
    try (reader;
        versions;
        load) {
      // In this order: the load, the versions, the reader.
    }
  }
}
