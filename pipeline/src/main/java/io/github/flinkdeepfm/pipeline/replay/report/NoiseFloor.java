package io.github.flinkdeepfm.pipeline.replay.report;

/**
 * The baseline against itself: the same version scored the same event twice. Anything but 0 means
 * that the scoring itself is not reproducible, and differences of that size mean nothing.
 */
final class NoiseFloor {
  private final DeltaHistogram deltas = new DeltaHistogram();
  private long rows;
  private long identical;

  /**
   * @param rows 0: not measured
   */
  record Facts(
      long rows, long bitIdentical, double bitIdenticalShare, DeltaHistogram.Facts absLogit) {}

  /** Adds two finite logits of one version for one event. */
  void add(float first, float second) {
    boolean same = Float.floatToRawIntBits(first) == Float.floatToRawIntBits(second);
    rows++;
    identical += same ? 1 : 0;
    deltas.add(Math.abs((double) first - second), same);
  }

  Facts facts() {
    return new Facts(rows, identical, (double) identical / rows, deltas.facts());
  }
}
