package io.github.flinkdeepfm.pipeline.topics;

import java.time.Duration;

/**
 * Which timestamps a record may carry into a topic, relative to the time at which it is made.
 *
 * @param behindMillis how old at most
 * @param aheadMillis how far ahead at most
 */
public record TimeBounds(long behindMillis, long aheadMillis) {
  /** For clocks that differ. */
  private static final long SKEW_MILLIS = Duration.ofMinutes(1).toMillis();

  /** Any time will do. */
  static final TimeBounds NONE = new TimeBounds(Long.MAX_VALUE, Long.MAX_VALUE);

  /** By Kafka's defaults. */
  public static final TimeBounds DEFAULT = TopicSettings.DEFAULT.bounds();

  /**
   * Half of what the topic keeps or takes is for the event's age, the other half for readers: a
   * record stays readable so long after it was made.
   *
   * @param oldestMillis what is older is deleted or not taken; {@link Long#MAX_VALUE}: nothing is
   * @param afterMillis what is farther ahead is not taken
   */
  static TimeBounds of(long oldestMillis, long afterMillis) {
    return new TimeBounds(
        oldestMillis == Long.MAX_VALUE ? oldestMillis : oldestMillis / 2,
        afterMillis - Math.min(SKEW_MILLIS, afterMillis / 2));
  }

  /** Whether a record that is made {@code now} may carry {@code time}, both not negative. */
  public boolean allow(long time, long now) {
    return now - time <= behindMillis && time - now <= aheadMillis;
  }
}
