package io.github.flinkdeepfm.pipeline.bench;

import java.util.Arrays;

/**
 * Rates of two sides in turns (A-B-A-B …) on the calling thread, after a warm-up of each: medians,
 * and the spread of the rounds' ratios. What disturbs the machine for longer than a round disturbs
 * both sides.
 *
 * @param rounds how many rounds count
 * @param warmUpNanos of each side, before the first round
 * @param roundNanos of each side in each round
 */
public record SideBySide(int rounds, long warmUpNanos, long roundNanos) {

  /** A side: one call is one unit of work, a batch say; {@code call} counts up from 0. */
  @FunctionalInterface
  public interface Side {
    void run(int call) throws Exception;
  }

  /**
   * @param perCall rows (or events, bytes …) that one call of either side handles
   * @return ratio: ours over the baseline in speed
   */
  public BenchRow compare(
      String name, String unit, double perCall, Side ours, String baseline, Side theirs)
      throws Exception {
    rate(ours, perCall, warmUpNanos);
    rate(theirs, perCall, warmUpNanos);
    double[] a = new double[rounds];
    double[] b = new double[rounds];
    double[] ratios = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      a[round] = rate(ours, perCall, roundNanos);
      b[round] = rate(theirs, perCall, roundNanos);
      ratios[round] = a[round] / b[round];
    }
    return row(name, unit, a, baseline, b, ratios);
  }

  /** The row of rounds that were measured elsewhere: {@code a} and {@code b} are rates. */
  public static BenchRow row(String name, String unit, double[] a, String baseline, double[] b) {
    double[] ratios = new double[a.length];
    Arrays.setAll(ratios, i -> a[i] / b[i]);
    return row(name, unit, a, baseline, b, ratios);
  }

  private static BenchRow row(
      String name, String unit, double[] a, String baseline, double[] b, double[] ratios) {
    double ours = median(a);
    double theirs = median(b);
    Arrays.sort(ratios);
    return new BenchRow(
        name,
        unit,
        ours,
        baseline,
        theirs,
        ours / theirs,
        ratios[0],
        ratios[ratios.length - 1],
        null,
        null);
  }

  private static double rate(Side side, double perCall, long nanos) throws Exception {
    long start = System.nanoTime();
    int calls = 0;
    long elapsed;
    do {
      side.run(calls++);
      elapsed = System.nanoTime() - start;
    } while (elapsed < nanos);
    return perCall * calls * 1e9 / elapsed;
  }

  /** The middle value (the upper one of two). */
  public static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
