package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.DoubleHistogram;

/** Absolute differences: their largest, quantiles, and counts by power of ten. */
final class DeltaHistogram {
  static final String QUANTILES = "HdrHistogram of 3 digits over 1e-9 to 1e3; max is exact";

  private static final double SMALLEST = 1e-9;
  private static final double LARGEST = 1e3;

  /** Room for {@link #LARGEST} / {@link #SMALLEST}, and some. */
  private static final long DYNAMIC_RANGE = 1L << 44;

  private static final int FIRST_DECADE = -8;
  private static final int LAST_DECADE = 1;

  private final DoubleHistogram histogram = new DoubleHistogram(DYNAMIC_RANGE, 3);
  private final long[] decades = new long[LAST_DECADE - FIRST_DECADE + 2];
  private long identical;
  private long count;
  private double sum;
  private double max = Double.NaN;

  /** All NaN without differences. */
  record Facts(double max, double mean, double p50, double p99, List<Bin> histogram) {}

  /** Differences of at least {@code from} and below {@code to}; null from: same bits. */
  record Bin(Double from, Double to, long count) {}

  /**
   * @param delta absolute, not NaN
   * @param same whether both sides have the same bits
   */
  void add(double delta, boolean same) {
    count++;
    sum += delta;
    max = Double.isNaN(max) ? delta : Math.max(max, delta);
    histogram.recordValue(delta == 0 ? 0 : Math.min(LARGEST, Math.max(SMALLEST, delta)));
    if (same) {
      identical++;
    } else {
      int decade = delta == 0 ? FIRST_DECADE - 1 : (int) Math.floor(Math.log10(delta));
      decades[Math.max(0, Math.min(LAST_DECADE, decade) - FIRST_DECADE + 1)]++;
    }
  }

  double max() {
    return max;
  }

  Facts facts() {
    List<Bin> bins = new ArrayList<>();
    bins.add(new Bin(null, null, identical));
    for (int i = 0; i < decades.length; i++) {
      int decade = FIRST_DECADE - 1 + i;
      double from = i == 0 ? 0 : Math.pow(10, decade);
      double to = decade == LAST_DECADE ? Double.POSITIVE_INFINITY : Math.pow(10, decade + 1);
      bins.add(new Bin(from, to, decades[i]));
    }
    return new Facts(max, sum / count, quantile(50), quantile(99), bins);
  }

  private double quantile(double percent) {
    return count == 0 ? Double.NaN : Math.min(max, histogram.getValueAtPercentile(percent));
  }
}
