package io.github.flinkdeepfm.pipeline.demo;

import java.util.SplittableRandom;

/**
 * Draws categories with Zipf frequencies: the k-th most frequent of them in proportion to
 * k<sup>-s</sup>, the ranks dealt out at random. Constant time a draw (Vose's alias method).
 */
public final class ZipfSampler {
  private final double[] weights;
  private final int[] threshold;
  private final int[] alias;

  /**
   * @param categories above 0
   * @param exponent s
   * @param random deals the ranks
   */
  public ZipfSampler(int categories, double exponent, SplittableRandom random) {
    weights = new double[categories];
    double total = 0;
    for (int k = 0; k < categories; k++) {
      weights[k] = StrictMath.pow(k + 1, -exponent);
      total += weights[k];
    }
    for (int i = categories - 1; i >= 0; i--) {
      int j = random.nextInt(i + 1);
      double chosen = weights[j];
      weights[j] = weights[i];
      weights[i] = chosen / total;
    }
    threshold = new int[categories];
    alias = new int[categories];
    fill();
  }

  /** How often a category is drawn, 0 to 1. */
  double probability(int category) {
    return weights[category];
  }

  public int next(SplittableRandom random) {
    long bits = random.nextLong();
    int column = (int) (((bits >>> 32) * threshold.length) >>> 32);
    return ((int) bits >>> 1) < threshold[column] ? column : alias[column];
  }

  private void fill() {
    int n = weights.length;
    double[] scaled = new double[n];
    int[] stack = new int[n]; // the small ones from the front, the large ones from the back
    int small = 0;
    int large = n;
    for (int i = 0; i < n; i++) {
      scaled[i] = weights[i] * n;
      if (scaled[i] < 1) {
        stack[small++] = i;
      } else {
        stack[--large] = i;
      }
    }
    while (small > 0 && large < n) {
      int less = stack[--small];
      int more = stack[large];
      threshold[less] = (int) (scaled[less] * Integer.MAX_VALUE);
      alias[less] = more;
      scaled[more] -= 1 - scaled[less];
      if (scaled[more] < 1) {
        large++;
        stack[small++] = more;
      }
    }
    while (large < n) {
      settle(stack[large++]);
    }
    while (small > 0) {
      settle(stack[--small]);
    }
  }

  private void settle(int column) {
    threshold[column] = Integer.MAX_VALUE;
    alias[column] = column;
  }
}
