package io.github.flinkdeepfm.model.metrics;

/**
 * AUC and logloss of predictions that were made before their labels were learnt from (progressive
 * validation): every event is test data once, so they are those of unseen events. Not thread-safe.
 */
public final class ProgressiveMetrics {
  private final AucHistogram auc;
  private final LogLoss logLoss = new LogLoss();

  public ProgressiveMetrics() {
    this(LogitHistogram.FINE);
  }

  /**
   * @param bins of the {@link AucHistogram}: fewer where there are many of these at once
   */
  public ProgressiveMetrics(int bins) {
    auc = new AucHistogram(bins);
  }

  /**
   * Adds one prediction.
   *
   * @param label whether the event was positive
   */
  public void add(double logit, boolean label) {
    auc.add(logit, label);
    logLoss.add(logit, label);
  }

  /** Adds the predictions of another one of as many bins. */
  public void add(ProgressiveMetrics other) {
    auc.add(other.auc);
    logLoss.add(other.logLoss);
  }

  public long count() {
    return logLoss.count();
  }

  /** NaN until there is a positive and a negative. */
  public double auc() {
    return auc.auc();
  }

  /** In nats; NaN before the first prediction. */
  public double logLoss() {
    return logLoss.mean();
  }
}
