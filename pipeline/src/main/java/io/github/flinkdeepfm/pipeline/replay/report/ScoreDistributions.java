package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.metrics.KolmogorovSmirnov;
import io.github.flinkdeepfm.model.metrics.LogitHistogram;
import io.github.flinkdeepfm.model.metrics.StabilityIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** How each side's scores are distributed, and how much the two distributions differ. */
final class ScoreDistributions {
  private static final int BARS = 40;

  private final int psiBins;
  private final Side baseline = new Side();
  private final Side candidate = new Side();

  private static final class Side {
    private final LogitHistogram histogram = new LogitHistogram(LogitHistogram.FINE);
    private double scores;
    private double logits;
    private double min = Double.NaN;
    private double max = Double.NaN;

    private void add(float logit, double score) {
      histogram.add(logit);
      logits += logit;
      scores += score;
      min = Double.isNaN(min) ? logit : Math.min(min, logit);
      max = Double.isNaN(max) ? logit : Math.max(max, logit);
    }
  }

  /**
   * @param method how PSI and KS were computed
   * @param histogram of logits
   */
  record Facts(
      String method,
      double ks,
      StabilityIndex psi,
      List<Quantile> quantiles,
      List<Bar> histogram) {}

  /** A row of the table of quantiles: logits and scores of both sides. */
  record Quantile(
      String name,
      double baselineLogit,
      double candidateLogit,
      double baselineScore,
      double candidateScore) {}

  /** Logits of at least {@code from} and below {@code to}; the outermost hold what is beyond. */
  record Bar(double from, double to, long baseline, long candidate) {}

  ScoreDistributions(int psiBins) {
    this.psiBins = psiBins;
  }

  void add(ReplayRow row, double baselineScore, double candidateScore) {
    baseline.add(row.baselineLogit(), baselineScore);
    candidate.add(row.candidateLogit(), candidateScore);
  }

  Facts facts(ScorePairs pairs) {
    if (pairs.isComplete()) {
      double[] before = pairs.baselineLogits();
      double[] after = pairs.candidateLogits();
      return facts(
          "exact", KolmogorovSmirnov.of(before, after), StabilityIndex.of(before, after, psiBins));
    }
    return facts(
        "histogram of logits, %d bins over -16 to 16".formatted(LogitHistogram.FINE),
        KolmogorovSmirnov.of(baseline.histogram, candidate.histogram),
        StabilityIndex.of(baseline.histogram, candidate.histogram, psiBins));
  }

  private Facts facts(String method, double ks, StabilityIndex psi) {
    if (baseline.histogram.total() == 0) {
      return new Facts(method, ks, psi, List.of(), List.of());
    }
    List<Quantile> quantiles = new ArrayList<>();
    long n = baseline.histogram.total();
    quantiles.add(
        new Quantile(
            "mean",
            baseline.logits / n,
            candidate.logits / n,
            baseline.scores / n,
            candidate.scores / n));
    quantiles.add(quantile("min", baseline.min, candidate.min));
    for (int percent : new int[] {1, 10, 25, 50, 75, 90, 99}) {
      quantiles.add(
          quantile("p" + percent, percentile(baseline, percent), percentile(candidate, percent)));
    }
    quantiles.add(quantile("max", baseline.max, candidate.max));
    return new Facts(method, ks, psi, quantiles, bars());
  }

  private static Quantile quantile(String name, double before, double after) {
    DoubleUnaryOperator score = logit -> DeepFmScorer.sigmoid((float) logit);
    return new Quantile(
        name, before, after, score.applyAsDouble(before), score.applyAsDouble(after));
  }

  private static double percentile(Side side, int percent) {
    LogitHistogram histogram = side.histogram;
    double middle = histogram.middle(rankBin(histogram, percent / 100.0));
    return Math.max(side.min, Math.min(side.max, middle));
  }

  private static int rankBin(LogitHistogram histogram, double share) {
    return histogram.binOfRank((long) (share * (histogram.total() - 1)));
  }

  private List<Bar> bars() {
    int first = Math.min(rankBin(baseline.histogram, 0.001), rankBin(candidate.histogram, 0.001));
    int last = Math.max(rankBin(baseline.histogram, 0.999), rankBin(candidate.histogram, 0.999));
    int group = Math.max(1, (last - first + BARS) / BARS);
    int bars = (last - first) / group + 1;
    long[] before = new long[bars];
    long[] after = new long[bars];
    for (int fine = 0; fine < LogitHistogram.FINE; fine++) {
      int bar = Math.max(0, Math.min(bars - 1, Math.floorDiv(fine - first, group)));
      before[bar] += baseline.histogram.count(fine);
      after[bar] += candidate.histogram.count(fine);
    }
    List<Bar> result = new ArrayList<>();
    for (int bar = 0; bar < bars; bar++) {
      int from = first + bar * group;
      result.add(
          new Bar(
              baseline.histogram.lower(from),
              baseline.histogram.lower(from + group),
              before[bar],
              after[bar]));
    }
    return result;
  }
}
