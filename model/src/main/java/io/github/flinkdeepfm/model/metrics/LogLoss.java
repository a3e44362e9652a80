package io.github.flinkdeepfm.model.metrics;

/**
 * Mean binary cross-entropy in nats, from logits: {@code max(z, 0) - z·y + log(1 + exp(-|z|))},
 * which neither overflows nor takes the logarithm of 0. Not thread-safe.
 */
public final class LogLoss {
  private long count;
  private double sum;

  /** Adds one prediction. */
  public void add(double logit, boolean label) {
    count++;
    sum += of(logit, label ? 1 : 0);
  }

  /** Adds the predictions of another one. */
  public void add(LogLoss other) {
    count += other.count;
    sum += other.sum;
  }

  /**
   * The loss of one prediction.
   *
   * @param label y, 0 to 1
   */
  public static double of(double logit, double label) {
    return Math.max(logit, 0) - logit * label + StrictMath.log1p(StrictMath.exp(-Math.abs(logit)));
  }

  public long count() {
    return count;
  }

  /** NaN before the first prediction. */
  public double mean() {
    return sum / count;
  }

  /**
   * Normalised entropy: the mean loss divided by that of always predicting the rate of positives
   * (He et al. 2014, Practical Lessons from Predicting Clicks on Ads at Facebook). Below 1 is
   * better than that; NaN unless there is a positive and a negative.
   *
   * @param rate share of positives, 0 to 1
   */
  public double normalisedEntropy(double rate) {
    double entropy = -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate);
    return mean() / entropy;
  }
}
