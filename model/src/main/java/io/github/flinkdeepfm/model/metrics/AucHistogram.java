package io.github.flinkdeepfm.model.metrics;

/**
 * Area under the ROC curve from a histogram of logits, in constant memory and one pass.
 *
 * <p>65,536 equal bins over the logits -16 to 16, so each is 1/2048 wide; what lies outside counts
 * in the outermost bin. Predictions of one bin count as ties: the result differs from the exact AUC
 * by at most half the share of (positive, negative) pairs that fall into one bin, about 10⁻⁴ for
 * logits spread over one unit. Bins of the logit, not of the probability, keep that so for click
 * rates near 0. Not thread-safe.
 */
public final class AucHistogram {
  private static final int BINS = 1 << 16;
  private static final double LIMIT = 16;
  private static final double BINS_PER_UNIT = BINS / (2 * LIMIT);

  private final long[] positives = new long[BINS];
  private final long[] negatives = new long[BINS];

  /**
   * Adds one prediction.
   *
   * @param logit any monotone score on the logit's scale; not NaN
   * @param label whether the event was positive
   */
  public void add(double logit, boolean label) {
    int bin = (int) ((logit + LIMIT) * BINS_PER_UNIT);
    bin = Math.min(BINS - 1, Math.max(0, bin));
    (label ? positives : negatives)[bin]++;
  }

  /**
   * The probability that a random positive is ranked above a random negative, ties counting half;
   * NaN until there is one of each. Takes a pass over the bins.
   */
  public double auc() {
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
