package io.github.flinkdeepfm.operators.refresh;

import java.io.Serializable;

/**
 * How the scores that a new version and the active one give to the same live events differ.
 *
 * @param events compared ones
 * @param missing those to which the new version gives no finite score
 * @param psi population stability index of the scores, new against active; NaN if some are missing
 * @param meanShift absolute difference of the mean scores
 */
public record Comparison(int events, int missing, double psi, double meanShift)
    implements Serializable {
  /** Of no events. */
  public static final Comparison NONE = new Comparison(0, 0, 0, 0);

  public boolean isNone() {
    return events == 0;
  }

  /** The events of both, and the larger of their figures. */
  Comparison and(Comparison other) {
    return new Comparison(
        events + other.events,
        missing + other.missing,
        Math.max(psi, other.psi),
        Math.max(meanShift, other.meanShift));
  }
}
