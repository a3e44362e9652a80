package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.ArrayList;
import java.util.List;

/** How far the two sides' scores of the same events are apart. */
final class DifferenceStatistics {
  private final List<Double> thresholds;
  private final long[] up;
  private final long[] down;
  private final WorstRows worst;
  private final DeltaHistogram logits = new DeltaHistogram();
  private final DeltaHistogram scores = new DeltaHistogram();
  private final VersionTable versions = new VersionTable();
  private long rows;
  private long identical;

  /**
   * @param bitIdenticalShare NaN without rows
   * @param quantiles how p50 and p99 were found
   */
  record Facts(
      long rows,
      long bitIdentical,
      double bitIdenticalShare,
      String quantiles,
      DeltaHistogram.Facts absLogit,
      DeltaHistogram.Facts absScore,
      List<Flips> flips,
      List<VersionTable.Line> byVersion,
      List<WorstRows.Line> worst) {}

  /**
   * Decisions that change at a threshold: a score that reaches it is a yes.
   *
   * @param up from no to yes
   * @param down from yes to no
   * @param share of the rows
   */
  record Flips(double threshold, long up, long down, double share) {}

  DifferenceStatistics(ReportOptions options) {
    thresholds = options.thresholds();
    up = new long[thresholds.size()];
    down = new long[thresholds.size()];
    worst = new WorstRows(options.worst());
  }

  /** Adds a row with a finite logit on both sides. */
  void add(ReplayRow row, double baselineScore, double candidateScore) {
    rows++;
    boolean same = row.isBitIdentical();
    if (same) {
      identical++;
    } else {
      worst.offer(row);
    }
    logits.add(row.absDelta(), same);
    scores.add(Math.abs(candidateScore - baselineScore), same);
    versions.add(row, same);
    for (int i = 0; i < up.length; i++) {
      double threshold = thresholds.get(i);
      boolean before = baselineScore >= threshold;
      boolean after = candidateScore >= threshold;
      if (after && !before) {
        up[i]++;
      } else if (before && !after) {
        down[i]++;
      }
    }
  }

  Facts facts() {
    List<Flips> flips = new ArrayList<>();
    for (int i = 0; i < up.length; i++) {
      flips.add(new Flips(thresholds.get(i), up[i], down[i], (double) (up[i] + down[i]) / rows));
    }
    return new Facts(
        rows,
        identical,
        (double) identical / rows,
        DeltaHistogram.QUANTILES,
        logits.facts(),
        scores.facts(),
        flips,
        versions.lines(),
        worst.lines());
  }
}
