package io.github.flinkdeepfm.model.metrics;

import java.util.Arrays;

/** Area under the ROC curve by sorting: exact, for as many predictions as fit in memory. */
public final class ExactAuc {
  private ExactAuc() {}

  /**
   * The probability that a random positive is ranked above a random negative, ties counting half;
   * NaN unless there is one of each.
   *
   * @param logits [count], none NaN
   * @param labels [count], whether the event was positive
   */
  public static double of(float[] logits, boolean[] labels) {
    long[] sorted = new long[logits.length];
    for (int i = 0; i < logits.length; i++) {
      sorted[i] = 2L * ordered(logits[i]) + (labels[i] ? 1 : 0);
    }
    Arrays.sort(sorted);
    double below = 0;
    double positives = 0;
    double ranked = 0;
    for (int from = 0; from < sorted.length; ) {
      long value = sorted[from] >> 1;
      long tiedPositives = 0;
      int to = from;
      for (; to < sorted.length && sorted[to] >> 1 == value; to++) {
        tiedPositives += sorted[to] & 1;
      }
      long tiedNegatives = to - from - tiedPositives;
      ranked += tiedPositives * (below + tiedNegatives / 2.0);
      below += tiedNegatives;
      positives += tiedPositives;
      from = to;
    }
    return ranked / (positives * below);
  }

  /** An integer that orders as the float does; both zeros are one value. */
  private static int ordered(float value) {
    int bits = Float.floatToIntBits(value + 0.0f);
    return bits < 0 ? bits ^ Integer.MAX_VALUE : bits;
  }
}
