package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.metrics.StabilityIndex;
import io.github.flinkdeepfm.operators.refresh.Comparison;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.util.Arrays;
import java.util.Optional;

/** Compares the scores that two versions give to the same live events. */
final class CanaryGate {
  /** Deciles of the active version's scores. */
  private static final int BINS = 10;

  private CanaryGate() {}

  /**
   * Compares score by score.
   *
   * @param active scores of the active version, one for each event
   * @param next scores of the new version for the same events; NaN where it gives none
   */
  static Comparison compare(double[] active, double[] next) {
    if (active.length == 0) {
      return Comparison.NONE;
    }
    int missing = (int) Arrays.stream(next).filter(score -> !Double.isFinite(score)).count();
    double shift =
        Math.abs(
            Arrays.stream(next).average().orElse(0) - Arrays.stream(active).average().orElse(0));
    double psi = missing > 0 ? Double.NaN : StabilityIndex.of(active, next, BINS).value();
    return new Comparison(active.length, missing, psi, shift);
  }

  /** What is wrong with the new scores, with all figures; empty if nothing is. */
  static Optional<String> fault(Canary limits, Comparison found) {
    // Written so that NaN is refused.
    if (found.missing() == 0
        && found.psi() <= limits.maxPsi()
        && found.meanShift() <= limits.maxMeanShift()) {
      return Optional.empty();
    }
    return Optional.of(
        ("expected finite scores of %d live events with PSI up to %s and mean shift up to %s,"
                + " got %d without a finite score, PSI %.4f, mean shift %.4f")
            .formatted(
                found.events(),
                limits.maxPsi(),
                limits.maxMeanShift(),
                found.missing(),
                found.psi(),
                found.meanShift()));
  }
}
