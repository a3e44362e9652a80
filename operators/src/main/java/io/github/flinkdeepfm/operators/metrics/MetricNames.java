package io.github.flinkdeepfm.operators.metrics;

/**
 * Every metric of the two operators. All are in the operator's own metric group, so that a full
 * name is {@code <scope of the operator>.<name>}; the operators are named {@code micro-batch} and
 * {@code score}. In a SQL query the operator of {@code ML_PREDICT} has {@link #SCORES}, {@link
 * #SCORING_TIME}, {@link #DEAD_LETTERS}, {@link #ACTIVE_VERSION}, {@link #REFRESHES} and {@link
 * #REFUSALS}.
 */
public final class MetricNames {
  /**
   * Counter on the source {@code events}: offsets of the event topic that were deleted before they
   * were read.
   */
  public static final String LOST_EVENTS = "lostEvents";

  /** Counter on {@code micro-batch}: events read. */
  public static final String EVENTS = "events";

  /** Counter on {@code micro-batch}: batches sent on. */
  public static final String BATCHES = "batches";

  /** Histogram on {@code micro-batch}: rows of a batch. */
  public static final String BATCH_ROWS = "batchRows";

  /** Counter on {@code micro-batch}: ids of all bags. */
  public static final String IDS = "ids";

  /** Gauge on {@code micro-batch}: bags cut by {@code max_length} since the start. */
  public static final String CUT_BAGS = "cutBags";

  /** Gauge on {@code micro-batch}: fields that the mapping does not name, since the start. */
  public static final String UNKNOWN_FIELDS = "unknownFields";

  /**
   * Gauge on {@code micro-batch}: events whose time is before 2000 under {@code epoch_ms}, since
   * the start: most likely seconds.
   */
  public static final String EARLY_TIMES = "earlyTimes";

  /**
   * Counter on the sinks {@code scores} and {@code dead-letters}, in their group {@code user}:
   * records that carry the time of scoring, because their topic does not keep or take the event's.
   */
  public static final String TIMESTAMPS_REPLACED = "timestampsReplaced";

  /** Gauge on {@code micro-batch} and its coordinator: name of the active model version. */
  public static final String ACTIVE_VERSION = "activeVersion";

  /**
   * Gauge on {@code micro-batch}, 1: {@code model.version.<VERSION>.active}, with the active model
   * version as the variable {@code version}. There is none of a version that is not active.
   */
  public static final String ACTIVE = "active";

  /** The group of {@link #ACTIVE}. */
  public static final String MODEL = "model";

  /** The group key of {@link #ACTIVE}, within {@link #MODEL}. */
  public static final String VERSION = "version";

  /**
   * Gauge on {@code micro-batch}, 0 to 1: {@code input.feature.<FEATURE>.absentShare}, with the
   * feature as the variable {@code feature}: the share of the latest 1000 to 2000 events in which
   * the active version's feature had no value, or only ids that are dropped.
   */
  public static final String ABSENT = "absentShare";

  /** The group of {@link #ABSENT}. */
  public static final String INPUT = "input";

  /** The group key of {@link #ABSENT}, within {@link #INPUT}. */
  public static final String FEATURE = "feature";

  /**
   * Gauge on the coordinator, with a canary: live events, over all subtasks, that the last version
   * to pass was compared with.
   */
  public static final String CANARY_EVENTS = "canaryEvents";

  /** Gauge on the coordinator: the largest PSI of {@link #CANARY_EVENTS}. */
  public static final String CANARY_PSI = "canaryPsi";

  /** Gauge on the coordinator: the largest shift of the mean of {@link #CANARY_EVENTS}. */
  public static final String CANARY_MEAN_SHIFT = "canaryMeanShift";

  /** Counter on {@code score}: scores sent on. */
  public static final String SCORES = "scores";

  /** Histogram on {@code score}: microseconds to score one batch. */
  public static final String SCORING_TIME = "scoringTimeMicros";

  /** Histogram on {@code score}: microseconds to score one batch with the shadow version, too. */
  public static final String SHADOW_TIME = "shadowTimeMicros";

  /** Histogram on {@code score}: milliseconds from the record's timestamp to its score. */
  public static final String LATENCY = "eventToScoreMillis";

  /**
   * Counter on {@code score}, one for each reason: {@code reason.<REASON>.deadLetters}, with the
   * reason as the variable {@code reason}.
   */
  public static final String DEAD_LETTERS = "deadLetters";

  /** The group key of {@link #DEAD_LETTERS}. */
  public static final String REASON = "reason";

  /**
   * Gauge on the coordinator of {@code micro-batch}: seconds since the active version was made; -1
   * if its manifest has not been seen.
   */
  public static final String STALENESS = "stalenessSeconds";

  /** Gauge on the coordinator: seconds since the model root was last read. */
  public static final String ROOT_AGE = "rootAgeSeconds";

  /** Counter on the coordinator: versions that became active. */
  public static final String REFRESHES = "refreshes";

  /**
   * Counter on the coordinator, one for each {@code RefusalReason}, under the group key {@link
   * #REASON}: versions that were not made active.
   */
  public static final String REFUSALS = "refusals";

  /** Histogram on {@code micro-batch}: milliseconds to fetch, load, check and warm up a version. */
  public static final String PREFETCH_TIME = "prefetchMillis";

  /** Histogram on {@code micro-batch}: microseconds that scoring stands still for a switch. */
  public static final String SWITCH_PAUSE = "switchPauseMicros";

  /** Counter on {@code micro-batch}: table rows that the versions made active have changed. */
  public static final String ROWS_APPLIED = "rowsApplied";

  /** Gauge on {@code micro-batch}: bytes of files that the active version maps. */
  public static final String BYTES_MAPPED = "bytesMapped";

  /**
   * Gauge on {@code micro-batch}: bytes that ND4J has allocated outside the heap, in the whole
   * process.
   */
  public static final String NATIVE_BYTES = "nativeBytes";

  /** Gauge on {@code micro-batch}: most of {@link #NATIVE_BYTES}; 0: without limit. */
  public static final String NATIVE_BYTES_MAX = "nativeBytesMax";

  private MetricNames() {}
}
