package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.metrics.StabilityIndex;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.util.Arrays;
import java.util.Optional;

/** Compares the scores that two versions give to the same live events. */
final class CanaryGate {
  /** Deciles of the active version's scores. */
  private static final int BINS = 10;

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
    double psi = missing > 0 ? Double.NaN : StabilityIndex.of(active, next, BINS).value();
    // Written so that NaN is refused.
    if (missing == 0 && psi <= limits.maxPsi() && shift <= limits.maxMeanShift()) {
      return Optional.empty();
    }
    return Optional.of(
        ("expected finite scores of %d live events with PSI up to %s and mean shift up to %s,"
                + " got %d without a finite score, PSI %.4f, mean shift %.4f")
            .formatted(active.length, limits.maxPsi(), limits.maxMeanShift(), missing, psi, shift));
  }
}
