package io.github.flinkdeepfm.model.metrics;

import java.util.Arrays;

/**
 * The two-sample Kolmogorov-Smirnov statistic: the largest distance between the cumulative
 * distributions of two sets of scores, 0 to 1. NaN if either is empty.
 */
public final class KolmogorovSmirnov {
  private KolmogorovSmirnov() {}

  /** Exact, from all scores; none may be NaN. */
  public static double of(double[] first, double[] second) {
    double[] a = first.clone();
    double[] b = second.clone();
    Arrays.sort(a);
    Arrays.sort(b);
    double distance = a.length == 0 || b.length == 0 ? Double.NaN : 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      double value = Math.min(a[i], b[j]);
      // Not below: sorting sets -0.0 apart from 0.0, which are one value.
      while (i < a.length && a[i] <= value) {
        i++;
      }
      while (j < b.length && b[j] <= value) {
        j++;
      }
      distance = Math.max(distance, Math.abs((double) i / a.length - (double) j / b.length));
    }
    return distance;
  }

  /** From histograms of as many bins: at most the largest share of one bin below the exact one. */
  public static double of(LogitHistogram first, LogitHistogram second) {
    double distance = first.total() == 0 || second.total() == 0 ? Double.NaN : 0;
    long a = 0;
    long b = 0;
    for (int bin = 0; bin < first.bins(); bin++) {
      a += first.count(bin);
      b += second.count(bin);
      distance =
          Math.max(distance, Math.abs((double) a / first.total() - (double) b / second.total()));
    }
    return distance;
  }
}
