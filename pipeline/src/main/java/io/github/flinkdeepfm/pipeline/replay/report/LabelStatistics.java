package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.metrics.AucHistogram;
import io.github.flinkdeepfm.model.metrics.Calibration;
import io.github.flinkdeepfm.model.metrics.LogLoss;
import io.github.flinkdeepfm.model.metrics.LogitHistogram;
import java.util.List;

/** How good each side's scores are, over the compared rows that have a label. */
final class LabelStatistics {
  private static final int CURVE_BINS = 20;

  private final Accumulator baseline = new Accumulator();
  private final Accumulator candidate = new Accumulator();
  private long positives;
  private long negatives;
  private long notBinary;

  private static final class Accumulator {
    private final AucHistogram auc = new AucHistogram();
    private final LogLoss loss = new LogLoss();
    private final Calibration fifteen = new Calibration(15);
    private final Calibration twenty = new Calibration(20);
    private double predicted;

    private void add(float logit, double score, boolean label) {
      auc.add(logit, label);
      loss.add(logit, label);
      fifteen.add(score, label);
      twenty.add(score, label);
      predicted += score;
    }
  }

  /**
   * @param rows with a label of 0 or 1
   * @param notBinary rows with another label, left out
   * @param rate share of positives
   * @param aucMethod how AUC was computed
   */
  record Facts(
      long rows,
      long positives,
      long negatives,
      long notBinary,
      double rate,
      String aucMethod,
      Side baseline,
      Side candidate,
      Delta delta) {}

  /**
   * One side's quality; NaN where it has no value.
   *
   * @param logloss mean, in nats
   * @param normalisedEntropy He et al. 2014
   * @param predictedToActual sum of scores by sum of labels
   * @param reliability bins of equal mass
   */
  record Side(
      double auc,
      double logloss,
      double normalisedEntropy,
      double meanPredicted,
      double predictedToActual,
      double eceEqualWidth15,
      double eceEqualWidth20,
      double eceEqualMass20,
      List<Calibration.Bin> reliability) {}

  /** Candidate minus baseline. */
  record Delta(
      double auc,
      double logloss,
      double normalisedEntropy,
      double meanPredicted,
      double predictedToActual,
      double eceEqualWidth15,
      double eceEqualWidth20,
      double eceEqualMass20) {}

  static boolean isBinary(double label) {
    return label == 0 || label == 1;
  }

  void add(ReplayRow row, double baselineScore, double candidateScore) {
    if (!isBinary(row.label())) {
      notBinary += Double.isNaN(row.label()) ? 0 : 1;
      return;
    }
    boolean positive = row.label() == 1;
    if (positive) {
      positives++;
    } else {
      negatives++;
    }
    baseline.add(row.baselineLogit(), baselineScore, positive);
    candidate.add(row.candidateLogit(), candidateScore, positive);
  }

  Facts facts(ScorePairs pairs) {
    boolean exact = pairs.isComplete();
    Side before = side(baseline, exact ? pairs.baselineAuc() : baseline.auc.auc());
    Side after = side(candidate, exact ? pairs.candidateAuc() : candidate.auc.auc());
    return new Facts(
        positives + negatives,
        positives,
        negatives,
        notBinary,
        rate(),
        exact
            ? "exact"
            : "histogram of logits, %d bins over -16 to 16".formatted(LogitHistogram.FINE),
        before,
        after,
        delta(before, after));
  }

  private double rate() {
    return (double) positives / (positives + negatives);
  }

  private Side side(Accumulator side, double auc) {
    List<Calibration.Bin> reliability = Calibration.equalMass(side.auc, CURVE_BINS);
    return new Side(
        auc,
        side.loss.mean(),
        side.loss.normalisedEntropy(rate()),
        side.predicted / (positives + negatives),
        side.predicted / positives,
        Calibration.expectedError(side.fifteen.bins()),
        Calibration.expectedError(side.twenty.bins()),
        Calibration.expectedError(reliability),
        reliability);
  }

  private static Delta delta(Side before, Side after) {
    return new Delta(
        after.auc() - before.auc(),
        after.logloss() - before.logloss(),
        after.normalisedEntropy() - before.normalisedEntropy(),
        after.meanPredicted() - before.meanPredicted(),
        after.predictedToActual() - before.predictedToActual(),
        after.eceEqualWidth15() - before.eceEqualWidth15(),
        after.eceEqualWidth20() - before.eceEqualWidth20(),
        after.eceEqualMass20() - before.eceEqualMass20());
  }
}
