package io.github.flinkdeepfm.operators.refresh;

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
    String submission)
    implements Serializable {

  public static final long DEFAULT_POLL_MILLIS = 1_000;
  public static final long DEFAULT_PREPARE_TIMEOUT_MILLIS = 600_000;
  public static final long DEFAULT_CACHE_BYTES = 64L << 30;

  /** What the machine has, and no bound below it. */
  public static final long DEFAULT_MEMORY_BYTES = Long.MAX_VALUE;

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
   * @param batches live micro-batches that are scored
   * @param maxPsi largest population stability index of the scores, new against active
   * @param maxMeanShift largest absolute difference of the mean scores
   */
  public record Canary(int batches, double maxPsi, double maxMeanShift) implements Serializable {}

  /** Without a bound on memory. */
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
        submission);
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
        DEFAULT_MEMORY_BYTES,
        null,
        UUID.randomUUID().toString());
  }
}
