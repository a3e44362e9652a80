package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.util.Arrays;
import java.util.Optional;

/** Compares the scores that two versions give to the same live events. */
final class CanaryGate {
  private static final int BINS = 10;

  /** Added to each bin's count, so that an empty bin does not make the index infinite. */
  private static final double SMOOTHING = 0.5;

  private CanaryGate() {}

  /**
   * What is wrong with the new scores, with all figures; empty if nothing is.
   *
   * @param active scores of the active version, one for each event
   * @param next scores of the new version for the same events; NaN where it gives none
   */
  static Optional<String> check(Canary limits, double[] active, double[] next) {
    if (active.length == 0) {
      return Optional.empty();
    }
    long missing = Arrays.stream(next).filter(score -> !Double.isFinite(score)).count();
    double shift =
        Math.abs(
            Arrays.stream(next).average().orElse(0) - Arrays.stream(active).average().orElse(0));
    double psi = missing > 0 ? Double.NaN : stabilityIndex(active, next);
    // Written so that NaN is refused.
    if (missing == 0 && psi <= limits.maxPsi() && shift <= limits.maxMeanShift()) {
      return Optional.empty();
    }
    return Optional.of(
        ("expected finite scores of %d live events with PSI up to %s and mean shift up to %s,"
                + " got %d without a finite score, PSI %.4f, mean shift %.4f")
            .formatted(active.length, limits.maxPsi(), limits.maxMeanShift(), missing, psi, shift));
  }

  /** Population stability index over the deciles of {@code active}: 0 for equal distributions. */
  static double stabilityIndex(double[] active, double[] next) {
    double[] sorted = active.clone();
    Arrays.sort(sorted);
    double[] edges = new double[BINS - 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = sorted[(int) ((long) (i + 1) * sorted.length / BINS)];
    }
    double[] expected = shares(active, edges);
    double[] got = shares(next, edges);
    double index = 0;
    for (int i = 0; i < BINS; i++) {
      index += (got[i] - expected[i]) * Math.log(got[i] / expected[i]);
    }
    return index;
  }

  private static double[] shares(double[] scores, double[] edges) {
    double[] shares = new double[BINS];
    Arrays.fill(shares, SMOOTHING);
    for (double score : scores) {
      int bin = 0;
      while (bin < edges.length && score >= edges[bin]) {
        bin++;
      }
      shares[bin]++;
    }
    for (int i = 0; i < BINS; i++) {
      shares[i] /= scores.length + BINS * SMOOTHING;
    }
    return shares;
  }
}
