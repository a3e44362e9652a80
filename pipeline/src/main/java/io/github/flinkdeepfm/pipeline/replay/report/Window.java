package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import java.util.Map;
import java.util.TreeMap;

/** The rows of one window of event time. */
final class Window {
  /** Bins of 1/128 of a logit: there are many windows, and each holds few rows. */
  private static final int AUC_BINS = 1 << 12;

  /** Scores are input, and may name any number of versions. */
  private static final int VERSIONS = 16;

  private final Map<String, Long> baselineVersions = new TreeMap<>();
  private final Map<String, Long> candidateVersions = new TreeMap<>();
  private ProgressiveMetrics baseline;
  private ProgressiveMetrics candidate;
  private long rows;
  private long identical;
  private long positives;
  private double baselineScores;
  private double candidateScores;
  private double maxAbsLogit;

  /** A window as it stands in the report; quality is NaN without labels. */
  record Facts(
      long start,
      long rows,
      double bitIdenticalShare,
      double maxAbsLogit,
      double baselineMeanScore,
      double candidateMeanScore,
      long labelled,
      double rate,
      double baselineAuc,
      double candidateAuc,
      double baselineLogloss,
      double candidateLogloss) {}

  Map<String, Long> baselineVersions() {
    return baselineVersions;
  }

  Map<String, Long> candidateVersions() {
    return candidateVersions;
  }

  void add(ReplayRow row, double baselineScore, double candidateScore) {
    rows++;
    identical += row.isBitIdentical() ? 1 : 0;
    maxAbsLogit = Math.max(maxAbsLogit, row.absDelta());
    baselineScores += baselineScore;
    candidateScores += candidateScore;
    count(baselineVersions, VersionTable.name(row.baselineVersion()), 1);
    count(candidateVersions, VersionTable.name(row.candidateVersion()), 1);
    if (LabelStatistics.isBinary(row.label())) {
      boolean positive = row.label() == 1;
      positives += positive ? 1 : 0;
      startQuality();
      baseline.add(row.baselineLogit(), positive);
      candidate.add(row.candidateLogit(), positive);
    }
  }

  /** Takes another window's rows in. */
  Window add(Window other) {
    rows += other.rows;
    identical += other.identical;
    positives += other.positives;
    baselineScores += other.baselineScores;
    candidateScores += other.candidateScores;
    maxAbsLogit = Math.max(maxAbsLogit, other.maxAbsLogit);
    other.baselineVersions.forEach((version, n) -> count(baselineVersions, version, n));
    other.candidateVersions.forEach((version, n) -> count(candidateVersions, version, n));
    if (other.baseline != null) {
      startQuality();
      baseline.add(other.baseline);
      candidate.add(other.candidate);
    }
    return this;
  }

  private void startQuality() {
    if (baseline == null) {
      baseline = new ProgressiveMetrics(AUC_BINS);
      candidate = new ProgressiveMetrics(AUC_BINS);
    }
  }

  private static void count(Map<String, Long> versions, String version, long n) {
    if (versions.size() < VERSIONS || versions.containsKey(version)) {
      versions.merge(version, n, Long::sum);
    }
  }

  Facts facts(long start) {
    boolean labelled = baseline != null;
    return new Facts(
        start,
        rows,
        (double) identical / rows,
        maxAbsLogit,
        baselineScores / rows,
        candidateScores / rows,
        labelled ? baseline.count() : 0,
        labelled ? (double) positives / baseline.count() : Double.NaN,
        labelled ? baseline.auc() : Double.NaN,
        labelled ? candidate.auc() : Double.NaN,
        labelled ? baseline.logLoss() : Double.NaN,
        labelled ? candidate.logLoss() : Double.NaN);
  }
}
