package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes what a replay finds, row by row, in any order, from one thread; then builds the report.
 *
 * <pre>{@code
 * ReportBuilder report = new ReportBuilder(header, Gates.none(), ReportOptions.defaults());
 * rows.forEach(report::add);
 * report.count(Coverage.DEAD_LETTERED, 3);
 * report.build().writeHtml(Path.of("replay.html"));
 * }</pre>
 *
 * <p>Memory does not grow with the rows, beyond 9 bytes for each of the first {@value #EXACT_ROWS}:
 * up to so many, AUC, PSI and KS are exact; beyond, they come from fine histograms, and the report
 * says so.
 */
public final class ReportBuilder {
  static final int EXACT_ROWS = 1 << 20;

  private final ReportHeader header;
  private final Gates gates;
  private final List<GateResult> more = new ArrayList<>();
  private final Map<Coverage, Long> coverage = new EnumMap<>(Coverage.class);
  private final DifferenceStatistics difference;
  private final WorstRows incomplete;
  private final NoiseFloor noiseFloor = new NoiseFloor();
  private final ScorePairs pairs;
  private final ScoreDistributions distributions;
  private final FeatureTable features = new FeatureTable();
  private final LabelStatistics labels = new LabelStatistics();
  private final OverTime overTime;
  private final LatencyStatistics latency = new LatencyStatistics();
  private List<String> findings = List.of();
  private long baselineOnly;
  private long candidateOnly;
  private long neither;

  public ReportBuilder(ReportHeader header, Gates gates, ReportOptions options) {
    this(header, gates, options, EXACT_ROWS);
  }

  ReportBuilder(ReportHeader header, Gates gates, ReportOptions options, int exactRows) {
    this.header = header;
    this.gates = gates;
    difference = new DifferenceStatistics(options);
    incomplete = new WorstRows(options.worst());
    pairs = new ScorePairs(exactRows);
    distributions = new ScoreDistributions(options.psiBins());
    overTime = new OverTime(options.window());
  }

  /**
   * Adds one row. Rows without a finite logit on both sides are counted and sampled apart; all
   * other statistics, except latency, are over rows that have both. Rows whose two sides name the
   * same version measure the noise floor too.
   */
  public void add(ReplayRow row) {
    latency.add(row.latency());
    if (!row.isComparable()) {
      addIncomplete(row);
      return;
    }
    double baselineScore = DeepFmScorer.sigmoid(row.baselineLogit());
    double candidateScore = DeepFmScorer.sigmoid(row.candidateLogit());
    difference.add(row, baselineScore, candidateScore);
    distributions.add(row, baselineScore, candidateScore);
    labels.add(row, baselineScore, candidateScore);
    overTime.add(row, baselineScore, candidateScore);
    pairs.add(row.baselineLogit(), row.candidateLogit(), row.label());
    if (row.baselineVersion() != null && row.baselineVersion().equals(row.candidateVersion())) {
      noiseFloor.add(row.baselineLogit(), row.candidateLogit());
    }
  }

  private void addIncomplete(ReplayRow row) {
    if (Float.isFinite(row.baselineLogit())) {
      baselineOnly++;
    } else if (Float.isFinite(row.candidateLogit())) {
      candidateOnly++;
    } else {
      neither++;
    }
    incomplete.offer(row);
  }

  /**
   * Adds a measurement of the noise floor: the baseline's logits for one event, scored twice (in
   * another batch, in another order).
   *
   * @param first finite
   * @param second finite
   */
  public void noise(float first, float second) {
    noiseFloor.add(first, second);
  }

  /**
   * Adds to a count. An event that is added as a row with a NaN logit is counted as incomplete
   * already: count it here only if it is not added.
   */
  public void count(Coverage what, long n) {
    coverage.merge(what, n, Long::sum);
  }

  /**
   * Adds to what is known of a feature.
   *
   * @param events seen
   * @param nulls of them without the feature, or with null
   * @param unknown of them with a value that the vocabulary or table does not know
   * @param bagLengthHistogram how many bags of length 0, 1, …, the last of that length or more;
   *     empty for a dense feature
   */
  public void featureStats(
      String feature, long events, long nulls, long unknown, long[] bagLengthHistogram) {
    features.add(feature, events, nulls, unknown, bagLengthHistogram);
  }

  /** What stands in the report under coverage, a line each: the first of what went wrong. */
  public void findings(List<String> lines) {
    findings = List.copyOf(lines);
  }

  /** Adds the result of a check that this builder does not make itself. */
  public void gate(GateResult result) {
    more.add(result);
  }

  /** The report of all that was added. */
  public ReplayReport build() {
    DifferenceStatistics.Facts differences = difference.facts();
    ReportFacts.CoverageFacts covered =
        new ReportFacts.CoverageFacts(
            differences.rows() + baselineOnly + candidateOnly + neither,
            differences.rows(),
            baselineOnly,
            candidateOnly,
            neither,
            Arrays.stream(Coverage.values())
                .map(what -> new ReportFacts.CoverageLine(what.key(), what.meaning(), n(what)))
                .toList());
    NoiseFloor.Facts noise = noiseFloor.facts();
    ScoreDistributions.Facts distribution = distributions.facts(pairs);
    LabelStatistics.Facts quality = labels.facts(pairs);
    List<GateResult> results = new ArrayList<>();
    gates
        .thresholds()
        .forEach(
            (gate, threshold) ->
                results.add(
                    gate.judge(
                        threshold, observe(gate, differences, noise, distribution, quality))));
    results.addAll(more);
    boolean passed = results.stream().allMatch(GateResult::passed);
    return new ReplayReport(
        new ReportFacts(
            ReportFacts.FORMAT,
            results.isEmpty() ? "none" : passed ? "pass" : "fail",
            header.facts(),
            results,
            covered,
            differences,
            incomplete.lines(),
            findings,
            noise,
            distribution,
            features.lines(),
            quality,
            overTime.facts(),
            latency.facts()));
  }

  private double observe(
      Gate gate,
      DifferenceStatistics.Facts differences,
      NoiseFloor.Facts noise,
      ScoreDistributions.Facts distribution,
      LabelStatistics.Facts quality) {
    return switch (gate) {
      case MIN_BIT_IDENTICAL -> differences.bitIdenticalShare();
      case MAX_ABS_LOGIT -> differences.absLogit().max();
      case MAX_ABS_SCORE -> differences.absScore().max();
      case MAX_FLIPS ->
          differences.flips().stream()
              .mapToDouble(DifferenceStatistics.Flips::share)
              .max()
              .orElse(Double.NaN);
      case MAX_NOISE -> noise.absLogit().max();
      case MAX_PSI -> distribution.psi().value();
      case MAX_KS -> distribution.ks();
      case MIN_AUC_DELTA -> quality.delta().auc();
      case MAX_LOGLOSS_DELTA -> quality.delta().logloss();
      case MAX_ECE_DELTA -> quality.delta().eceEqualMass20();
      case MAX_MISSING ->
          baselineOnly
              + candidateOnly
              + neither
              + n(Coverage.MISSING_SCORE)
              + n(Coverage.VERSION_GONE)
              + n(Coverage.RETENTION_GAP)
              + n(Coverage.MIXED_SCHEMA)
              + n(Coverage.UNREADABLE);
      case MAX_DOUBLED -> n(Coverage.DOUBLED);
      case MAX_OTHER_NUMERICS -> n(Coverage.OTHER_NUMERICS);
    };
  }

  private long n(Coverage what) {
    return coverage.getOrDefault(what, 0L);
  }
}
