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
}
