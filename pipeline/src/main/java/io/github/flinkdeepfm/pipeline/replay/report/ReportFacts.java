package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.List;

/**
 * Everything a report says. Its JSON has these names in snake case and null for NaN.
 *
 * @param format of this JSON
 * @param verdict {@code pass}, {@code fail}, or {@code none} where no gate was set
 * @param incomplete some of the rows with no finite logit on one side
 * @param findings the first of what went wrong, a line each
 */
record ReportFacts(
    int format,
    String verdict,
    ReportHeader.Facts header,
    List<GateResult> gates,
    CoverageFacts coverage,
    DifferenceStatistics.Facts difference,
    List<WorstRows.Line> incomplete,
    List<String> findings,
    NoiseFloor.Facts noiseFloor,
    ScoreDistributions.Facts distributions,
    List<FeatureTable.Line> features,
    LabelStatistics.Facts labels,
    OverTime.Facts overTime,
    List<LatencyStatistics.Stage> latency) {
  static final int FORMAT = 1;

  /**
   * @param rows added
   * @param compared rows with a finite logit on both sides
   * @param baselineOnly rows with one on the baseline's side only
   * @param candidateOnly rows with one on the candidate's side only
   * @param neither rows with none
   */
  record CoverageFacts(
      long rows,
      long compared,
      long baselineOnly,
      long candidateOnly,
      long neither,
      List<CoverageLine> counts) {}

  record CoverageLine(String what, String meaning, long count) {}
}
