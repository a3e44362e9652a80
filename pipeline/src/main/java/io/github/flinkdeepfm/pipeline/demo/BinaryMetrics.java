package io.github.flinkdeepfm.pipeline.demo;

/**
 * AUC and logloss of predicted probabilities, updated one by one.
 *
 * <p>The AUC is taken from a histogram of 65,536 equal bins: exact but that predictions of one bin
 * count as ties, which moves it by less than a ten-thousandth for anything but degenerate scores.
 */
final class BinaryMetrics {
  private static final int BINS = 1 << 16;

  /** Keeps the logloss of a sure and wrong prediction finite. */
  private static final double SMALLEST = 1e-7;

  private final long[] positives = new long[BINS];
  private final long[] negatives = new long[BINS];
  private long count;
  private double loss;

  /**
   * @param probability 0 to 1
   */
  void add(double probability, boolean label) {
    int bin = Math.min(BINS - 1, (int) (probability * BINS));
    (label ? positives : negatives)[bin]++;
    count++;
    double ofLabel = label ? probability : 1 - probability;
    loss -= Math.log(Math.max(SMALLEST, ofLabel));
  }

  long count() {
    return count;
  }

  /** Mean negative log-likelihood in nats; NaN before the first prediction. */
  double logloss() {
    return loss / count;
  }

  /**
   * The probability that a random positive is ranked above a random negative, ties counting half;
   * NaN until there is one of each.
   */
  double auc() {
    double below = 0;
    double ranked = 0;
    double total = 0;
    for (int bin = 0; bin < BINS; bin++) {
      ranked += positives[bin] * (below + negatives[bin] / 2.0);
      below += negatives[bin];
      total += positives[bin];
    }
    return ranked / (total * below);
  }
}
