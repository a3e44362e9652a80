package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.Serializable;
import java.util.UUID;

/**
 * How a job follows the versions under its model root.
 *
 * @param root as the user writes it, any file system of Flink's
 * @param at when a prepared version becomes active
 * @param pollMillis pause between two looks at the root
 * @param prepareTimeoutMillis within which every subtask has to be ready for a version, or the
 *     version is refused
 * @param startIfMissing a restored version that the root no longer has: true starts with the
 *     version resolved at submission instead, false is an error
 * @param cacheDir local directory for copies of versions; null for the JVM's temporary directory
 * @param cacheBytes most bytes of copies that one process keeps
 * @param memoryBytes most bytes, mapped and private, of all versions that one process has loaded;
 *     Long.MAX_VALUE for what the machine has
 * @param canary null for none
 * @param submission identifies one submission of the job, so that state can tell a failover from a
 *     new start
 * @param pin the version to stay with, whatever {@code control.json} says; null to follow the root
 * @param storageLimitMillis most time that the root's storage may take to answer, or to send the
 *     next bytes of a file
 */
public record RefreshSettings(
    String root,
    At at,
    long pollMillis,
    long prepareTimeoutMillis,
    boolean startIfMissing,
    String cacheDir,
    long cacheBytes,
    long memoryBytes,
    Canary canary,
    String submission,
    String pin,
    long storageLimitMillis)
    implements Serializable {

  public static final long DEFAULT_POLL_MILLIS = 1_000;
  public static final long DEFAULT_PREPARE_TIMEOUT_MILLIS = 600_000;
  public static final long DEFAULT_CACHE_BYTES = 64L << 30;

  /** What the machine has, and no bound below it. */
  public static final long DEFAULT_MEMORY_BYTES = Long.MAX_VALUE;

  /** Follows the root, without a bound on memory and with the default limit of its storage. */
  public RefreshSettings(
      String root,
      At at,
      long pollMillis,
      long prepareTimeoutMillis,
      boolean startIfMissing,
      String cacheDir,
      long cacheBytes,
      Canary canary,
      String submission) {
    this(
        root,
        at,
        pollMillis,
        prepareTimeoutMillis,
        startIfMissing,
        cacheDir,
        cacheBytes,
        DEFAULT_MEMORY_BYTES,
        canary,
        submission,
        null,
        ModelStorages.DEFAULT_LIMIT_MILLIS);
  }

  /** When a version that all subtasks have prepared becomes active. */
  public enum At {
    /** At the barrier of one checkpoint, the same for all subtasks. */
    CHECKPOINT,
    /** At each subtask's next micro-batch: without checkpoints, or while they fail. */
    BATCH
  }

  /**
   * The gate that scores live events with a new version before it may become active.
   *
   * <p>A subtask with fewer than {@code minEvents} live events compares nothing, and a version that
   * no subtask has compared does not become active.
   *
   * @param batches live micro-batches that are scored
   * @param maxPsi largest population stability index of the scores, new against active
   * @param maxMeanShift largest absolute difference of the mean scores
   * @param minEvents live events of a subtask that are compared at least
   * @param maxWaitMillis from its start, for which the other subtasks wait for one that has fewer
   */
  public record Canary(
      int batches, double maxPsi, double maxMeanShift, int minEvents, long maxWaitMillis)
      implements Serializable {
    public static final int DEFAULT_MIN_EVENTS = 100;
    public static final long DEFAULT_MAX_WAIT_MILLIS = 60_000;

    /** With the default number of events and wait. */
    public Canary(int batches, double maxPsi, double maxMeanShift) {
      this(batches, maxPsi, maxMeanShift, DEFAULT_MIN_EVENTS, DEFAULT_MAX_WAIT_MILLIS);
    }
  }

  /** Every default, as a new submission. */
  public static RefreshSettings of(String root) {
    return new RefreshSettings(
        root,
        At.CHECKPOINT,
        DEFAULT_POLL_MILLIS,
        DEFAULT_PREPARE_TIMEOUT_MILLIS,
        false,
        null,
        DEFAULT_CACHE_BYTES,
        null,
        UUID.randomUUID().toString());
  }

  /** The same with another limit of the storage. */
  public RefreshSettings withStorageLimit(long millis) {
    return new RefreshSettings(
        root,
        at,
        pollMillis,
        prepareTimeoutMillis,
        startIfMissing,
        cacheDir,
        cacheBytes,
        memoryBytes,
        canary,
        submission,
        pin,
        millis);
  }

  /** The same for a job that stays with a version. */
  public RefreshSettings withPin(String version) {
    return new RefreshSettings(
        root,
        at,
        pollMillis,
        prepareTimeoutMillis,
        startIfMissing,
        cacheDir,
        cacheBytes,
        memoryBytes,
        canary,
        submission,
        version,
        storageLimitMillis);
  }
}
