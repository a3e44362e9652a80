package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;

/**
 * What {@code job.yaml} says, checked and with its defaults filled in. Its {@code toString} is safe
 * to log.
 *
 * @param job names uids, transactional ids and metrics
 * @param kafka client properties of the source and both sinks
 * @param events where events come from
 * @param scoring how events become scores
 * @param scores where scores go
 * @param deadLetterTopic where events without a score go
 * @param model which model scores
 * @param flink how the job runs
 * @param shadow the version of the model root that scores beside the active one
 */
public record JobConfig(
    String job,
    Options kafka,
    Events events,
    ScoringConfig scoring,
    Scores scores,
    String deadLetterTopic,
    Model model,
    Flink flink,
    Optional<String> shadow) {

  static final String TOLERATED_FAILURES = "execution.checkpointing.tolerable-failed-checkpoints";

  /** Room for a record's JSON beside what the event brings, and for the record's own framing. */
  private static final int FRAME = 16 << 10;

  /** Returns the most bytes of a score's record. */
  public long largestScore() {
    return scoring.outputLimit() + (long) FRAME;
  }

  /** Returns the most bytes of a dead letter's record: base64 of the payload, key and headers. */
  public long largestDeadLetter() {
    long payload = (scoring.payloadLimit() + 2L) / 3 * 4;
    return payload + ScoringSettings.DEFAULT_OUTPUT_LIMIT + FRAME;
  }

  /** Returns how many checkpoints in a row may fail without failing the job. */
  long toleratedFailures() {
    return Long.parseLong(flink.options().values().getOrDefault(TOLERATED_FAILURES, "0"));
  }

  /**
   * Returns how long a checkpoint may take, so that no transaction times out while as many fail as
   * the job tolerates; empty without transactions.
   */
  public Optional<Duration> longestCheckpoint() {
    return flink
        .checkpointInterval()
        .filter(interval -> scores.delivery() == DeliveryGuarantee.EXACTLY_ONCE)
        .map(
            interval ->
                scores.transactionTimeout().dividedBy(1 + toleratedFailures()).minus(interval));
  }

  /** The same job, staying with one version of its model root and without checkpoints. */
  public JobConfig pinned(String version) {
    return new JobConfig(
        job,
        kafka,
        events,
        scoring,
        scores,
        deadLetterTopic,
        new Model(
            model.root(),
            model.directory(),
            Optional.of(version),
            model.refresh(),
            model.device(),
            model.allowAbsent()),
        new Flink(flink.parallelism(), Optional.empty(), flink.options()),
        Optional.empty());
  }

  /** The same job with other micro-batches. */
  public JobConfig withBatch(Batch batch) {
    return new JobConfig(
        job, kafka, events, scoring.with(batch), scores, deadLetterTopic, model, flink, shadow);
  }

  /**
   * The event topic.
   *
   * @param group consumer group under which offsets are committed at checkpoints
   */
  public record Events(
      String topic, String group, Start start, OnLost onLost, Isolation isolation) {}

  /** What a job does whose next events were deleted before it has read them. */
  public enum OnLost {
    /** Goes on with the earliest there is; says and counts what is lost. */
    CONTINUE,
    FAIL
  }

  /** Which records of the event topic are seen while their transactions are open. */
  public enum Isolation {
    READ_COMMITTED,
    READ_UNCOMMITTED
  }

  /**
   * Where a job without restored state begins.
   *
   * @param timestamp epoch milliseconds; only with {@link At#TIMESTAMP}
   */
  public record Start(At at, long timestamp) implements Serializable {
    /** The group's committed offsets; a partition without one from its earliest record. */
    public static final Start COMMITTED = new Start(At.COMMITTED, 0);

    /** The kinds of starting points. */
    public enum At {
      COMMITTED,
      EARLIEST,
      LATEST,
      TIMESTAMP
    }
  }

  /**
   * The part that the {@code score} command shares with the streaming job.
   *
   * @param outputLimit most bytes of key, headers, id, label and copied fields of one event
   * @param payloadLimit bytes of the original event that a dead letter carries at most
   */
  public record ScoringConfig(EventMapping event, Batch batch, int outputLimit, int payloadLimit) {
    /** 64 KiB. */
    public static final int DEFAULT_PAYLOAD_LIMIT = 64 << 10;

    /** The contract's layout and the default batches. */
    public static final ScoringConfig DEFAULT =
        new ScoringConfig(
            EventMapping.DEFAULT,
            Batch.DEFAULT,
            ScoringSettings.DEFAULT_OUTPUT_LIMIT,
            DEFAULT_PAYLOAD_LIMIT);

    /** Returns the same with other micro-batches. */
    public ScoringConfig with(Batch other) {
      return new ScoringConfig(event, other, outputLimit, payloadLimit);
    }

    /** Returns the same for events of another kind. */
    public ScoringConfig with(EventMapping other) {
      return new ScoringConfig(other, batch, outputLimit, payloadLimit);
    }
  }

  /** When a micro-batch closes: at so many rows, so many ids, or so long after its first event. */
  public record Batch(int rows, Duration linger, int ids) {
    /** 1024 rows, 5 ms, 65,536 ids. */
    public static final Batch DEFAULT =
        new Batch(
            ScoringSettings.DEFAULT_BATCH_ROWS,
            Duration.ofMillis(ScoringSettings.DEFAULT_LINGER_MILLIS),
            ScoringSettings.DEFAULT_BATCH_IDS);
  }

  /**
   * The score topic.
   *
   * @param transactionTimeout after which the broker aborts a transaction of a job that is gone
   * @param timestamp of the records, of dead letters too
   */
  public record Scores(
      String topic, DeliveryGuarantee delivery, Duration transactionTimeout, Timestamp timestamp) {
    /** The largest that a broker with default settings grants. */
    public static final Duration DEFAULT_TRANSACTION_TIMEOUT = Duration.ofMinutes(15);
  }

  /** Which time is the timestamp of a score's or dead letter's record. */
  public enum Timestamp {
    /** The event's, where the topic keeps and takes it. */
    EVENT,
    SCORED
  }

  /**
   * Exactly one of root and directory is present.
   *
   * @param root versions live below it
   * @param directory one fixed version, no refresh
   * @param pin the version of root to use instead of the newest, whatever is published
   * @param refresh how newer versions of root are taken up
   * @param device where the model scores
   * @param allowAbsent features that may be absent in all events
   */
  public record Model(
      Optional<String> root,
      Optional<String> directory,
      Optional<String> pin,
      Refresh refresh,
      DeviceMode device,
      List<String> allowAbsent) {

    /** Whether the job follows the versions of its root. */
    public boolean refreshes() {
      return root.isPresent() && pin.isEmpty();
    }
  }

  /**
   * How a job follows the versions of its root; see {@link RefreshSettings}.
   *
   * @param storageTimeout most time that the root's storage may take to answer, or to send the next
   *     bytes of a file
   * @param cacheDir empty: Flink's temporary directory
   * @param memoryBytes of all versions that a process has loaded
   */
  public record Refresh(
      Duration poll,
      Duration prepareTimeout,
      Duration storageTimeout,
      RefreshSettings.At at,
      OnMissing onMissing,
      Optional<String> cacheDir,
      long cacheBytes,
      long memoryBytes,
      Optional<RefreshSettings.Canary> canary) {

    /** Every second, 10 min, 60 s, at checkpoints, 64 GiB of copies, all memory, no canary. */
    public static final Refresh DEFAULT =
        new Refresh(
            Duration.ofMillis(RefreshSettings.DEFAULT_POLL_MILLIS),
            Duration.ofMillis(RefreshSettings.DEFAULT_PREPARE_TIMEOUT_MILLIS),
            Duration.ofMillis(ModelStorages.DEFAULT_LIMIT_MILLIS),
            RefreshSettings.At.CHECKPOINT,
            OnMissing.FAIL,
            Optional.empty(),
            RefreshSettings.DEFAULT_CACHE_BYTES,
            RefreshSettings.DEFAULT_MEMORY_BYTES,
            Optional.empty());
  }

  /** What a job does whose state names a version that the root no longer has. */
  public enum OnMissing {
    FAIL,
    /** Goes on with the version that was newest, or pinned, when it was submitted. */
    NEWEST
  }

  /**
   * How Flink runs the job.
   *
   * @param checkpointInterval empty: checkpointing is off
   * @param options Flink options by their own keys
   */
  public record Flink(int parallelism, Optional<Duration> checkpointInterval, Options options) {
    /** 10 s: scores of an exactly-once job become visible about this late. */
    public static final Duration DEFAULT_CHECKPOINT_INTERVAL = Duration.ofSeconds(10);

    /** Key groups of the job's state; a job cannot be rescaled beyond it. */
    public static final int MAX_PARALLELISM = 128;
  }
}
