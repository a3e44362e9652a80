package io.github.flinkdeepfm.pipeline.topics;

import java.time.Duration;

/**
 * What a topic takes of a record; times are relative to the one at which it is made.
 *
 * @param behindMillis how old its timestamp may be
 * @param aheadMillis how far ahead it may be
 * @param recordBytes most bytes of a record, with the batch that it travels in
 * @param keyed whether it has to have a key
 */
public record TopicLimits(long behindMillis, long aheadMillis, long recordBytes, boolean keyed) {
  /** For clocks that differ. */
  private static final long SKEW_MILLIS = Duration.ofMinutes(1).toMillis();

  /** By Kafka's defaults. */
  public static final TopicLimits DEFAULT = TopicSettings.DEFAULT.limits();

  /**
   * Half of what the topic keeps or takes is for the event's age, the other half for readers: a
   * record stays readable so long after it was made. A codec may make a record a little larger than
   * it is.
   */
  static TopicLimits of(TopicSettings settings) {
    long oldest = settings.oldestMillis();
    long after = settings.appendTime() ? Long.MAX_VALUE : settings.afterMillis();
    return new TopicLimits(
        oldest == Long.MAX_VALUE ? oldest : oldest / 2,
        settings.appendTime() ? after : after - Math.min(SKEW_MILLIS, after / 2),
        settings.maxBatchBytes() - settings.maxBatchBytes() / 64,
        settings.compacts());
  }

  /** Whether a record that is made {@code now} may carry {@code time}; both are not negative. */
  public boolean allow(long time, long now) {
    return now - time <= behindMillis && time - now <= aheadMillis;
  }
}
