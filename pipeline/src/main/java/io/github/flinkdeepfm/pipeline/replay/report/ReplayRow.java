package io.github.flinkdeepfm.pipeline.replay.report;

/**
 * One event as two sides scored it.
 *
 * @param topic where the event was read, with partition and offset
 * @param eventTime epoch milliseconds
 * @param baselineVersion null where there is none
 * @param baselineLogit NaN where that side has none
 * @param candidateVersion null where there is none
 * @param candidateLogit NaN where that side has none
 * @param label 0 or 1; NaN if there is none
 * @param latency of the recorded run
 * @param features the event's JSON, shown if it is among the worst; null if unknown
 */
public record ReplayRow(
    String topic,
    int partition,
    long offset,
    String eventId,
    long eventTime,
    String baselineVersion,
    float baselineLogit,
    String candidateVersion,
    float candidateLogit,
    double label,
    Latency latency,
    String features) {

  /** Whether both sides gave a finite logit. */
  boolean isComparable() {
    return Float.isFinite(baselineLogit) && Float.isFinite(candidateLogit);
  }

  boolean isBitIdentical() {
    return Float.floatToRawIntBits(baselineLogit) == Float.floatToRawIntBits(candidateLogit);
  }

  double absDelta() {
    return Math.abs((double) candidateLogit - baselineLogit);
  }

  /**
   * Milliseconds of the recorded run; -1 where unknown.
   *
   * @param queue from the event's append (or event) time until it was read
   * @param batch until its micro-batch was full or flushed
   * @param score until its score was computed
   * @param sink until the broker had appended its score; known where the score topic has log-append
   *     times
   */
  public record Latency(double queue, double batch, double score, double sink) {
    public static final Latency UNKNOWN = new Latency(-1, -1, -1, -1);
  }
}
