package io.github.flinkdeepfm.model.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Population stability index of new scores against expected ones: {@code Σ (g - e) · ln(g / e)}
 * over bins that are quantiles of the expected scores, {@code e} and {@code g} being the shares of
 * a bin. 0 for equal distributions; above 0.1 is commonly read as a shift, above 0.25 as a large
 * one.
 *
 * <p>A share is {@code (n + 0.5) / (N + 0.5 · bins)}, so that an empty bin does not make the index
 * infinite. The edge below bin i is the expected score of rank ⌊i · N / bins⌋ and belongs to the
 * bin above it. Where many scores are equal, edges coincide and the bins between them are empty on
 * both sides.
 *
 * @param value the index; NaN if either side has no scores
 * @param edges between the bins, ascending: one fewer than bins
 * @param expected counts by bin
 * @param got counts by bin
 */
public record StabilityIndex(
    double value, List<Double> edges, List<Long> expected, List<Long> got) {
  /** Added to each bin's count. */
  private static final double SMOOTHING = 0.5;

  /**
   * From all scores.
   *
   * @param expected not NaN
   * @param got not NaN
   */
  public static StabilityIndex of(double[] expected, double[] got, int bins) {
    if (expected.length == 0) {
      return none();
    }
    double[] sorted = expected.clone();
    Arrays.sort(sorted);
    double[] edges = new double[bins - 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = sorted[(int) ((i + 1L) * sorted.length / bins)];
    }
    return of(boxed(edges), counts(expected, edges), counts(got, edges));
  }

  /** From histograms of logits; edges are then rounded down to edges of their bins. */
  public static StabilityIndex of(LogitHistogram expected, LogitHistogram got, int bins) {
    if (expected.total() == 0) {
      return none();
    }
    List<Double> edges = new ArrayList<>();
    long[] expectedCounts = new long[bins];
    long[] gotCounts = new long[bins];
    int fine = 0;
    for (int bin = 0; bin < bins; bin++) {
      int end = expected.bins();
      if (bin < bins - 1) {
        end = expected.binOfRank((bin + 1L) * expected.total() / bins);
        edges.add(expected.lower(end));
      }
      for (; fine < end; fine++) {
        expectedCounts[bin] += expected.count(fine);
        gotCounts[bin] += got.count(fine);
      }
    }
    return of(edges, expectedCounts, gotCounts);
  }

  private static StabilityIndex none() {
    return new StabilityIndex(Double.NaN, List.of(), List.of(), List.of());
  }

  private static StabilityIndex of(List<Double> edges, long[] expected, long[] got) {
    double expectedTotal = Arrays.stream(expected).sum();
    double gotTotal = Arrays.stream(got).sum();
    double smoothed = SMOOTHING * expected.length;
    double value = gotTotal == 0 ? Double.NaN : 0;
    for (int i = 0; i < expected.length; i++) {
      double e = (expected[i] + SMOOTHING) / (expectedTotal + smoothed);
      double g = (got[i] + SMOOTHING) / (gotTotal + smoothed);
      value += (g - e) * Math.log(g / e);
    }
    return new StabilityIndex(
        value,
        edges,
        Arrays.stream(expected).boxed().toList(),
        Arrays.stream(got).boxed().toList());
  }

  private static long[] counts(double[] scores, double[] edges) {
    long[] counts = new long[edges.length + 1];
    for (double score : scores) {
      int bin = 0;
      while (bin < edges.length && score >= edges[bin]) {
        bin++;
      }
      counts[bin]++;
    }
    return counts;
  }

  private static List<Double> boxed(double[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }
}
