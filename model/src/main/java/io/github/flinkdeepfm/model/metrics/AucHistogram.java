package io.github.flinkdeepfm.model.metrics;

/**
 * Area under the ROC curve from histograms of logits, in constant memory and one pass.
 *
 * <p>Predictions of one bin count as ties: the result differs from the exact AUC by at most half
 * the share of (positive, negative) pairs that fall into one bin, about 10⁻⁴ for {@link
 * LogitHistogram#FINE} bins and logits spread over one unit. Not thread-safe.
 */
public final class AucHistogram {
  private final LogitHistogram positives;
  private final LogitHistogram negatives;

  public AucHistogram() {
    this(LogitHistogram.FINE);
  }

  /**
   * @param bins of each class's {@link LogitHistogram}
   */
  public AucHistogram(int bins) {
    positives = new LogitHistogram(bins);
    negatives = new LogitHistogram(bins);
  }

  /**
   * Adds one prediction.
   *
   * @param logit any monotone score on the logit's scale; not NaN
   * @param label whether the event was positive
   */
  public void add(double logit, boolean label) {
    (label ? positives : negatives).add(logit);
  }

  /** Adds the predictions of another one of as many bins. */
  public void add(AucHistogram other) {
    positives.add(other.positives);
    negatives.add(other.negatives);
  }

  /** Logits of the positive events. */
  public LogitHistogram positives() {
    return positives;
  }

  /** Logits of the negative events. */
  public LogitHistogram negatives() {
    return negatives;
  }

  /**
   * The probability that a random positive is ranked above a random negative, ties counting half;
   * NaN until there is one of each. Takes a pass over the bins.
   */
  public double auc() {
    double below = 0;
    double ranked = 0;
    for (int bin = 0; bin < positives.bins(); bin++) {
      ranked += positives.count(bin) * (below + negatives.count(bin) / 2.0);
      below += negatives.count(bin);
    }
    return ranked / (positives.total() * below);
  }
}
