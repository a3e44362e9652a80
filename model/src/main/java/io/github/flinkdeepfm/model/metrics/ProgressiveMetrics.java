package io.github.flinkdeepfm.model.metrics;

/**
 * AUC and logloss of predictions that were made before their labels were learnt from (progressive
 * validation): every event is test data once, so they are those of unseen events. Not thread-safe.
 */
public final class ProgressiveMetrics {
  private final AucHistogram auc = new AucHistogram();
  private final LogLoss logLoss = new LogLoss();

  /**
   * Adds one prediction.
   *
   * @param label whether the event was positive
   */
  public void add(double logit, boolean label) {
    auc.add(logit, label);
    logLoss.add(logit, label);
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
