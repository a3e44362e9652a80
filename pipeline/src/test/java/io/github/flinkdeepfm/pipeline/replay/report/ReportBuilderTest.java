package io.github.flinkdeepfm.pipeline.replay.report;

import static io.github.flinkdeepfm.pipeline.replay.report.ReportFixture.builder;
import static io.github.flinkdeepfm.pipeline.replay.report.ReportFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReportBuilderTest {

  @Test
  void fourRowsGiveTheFiguresThatOneComputesByHand() {
    ReportBuilder report = builder(Gates.none());
    report.add(row(0, 0f, 0f, 0));
    report.add(row(1, -1f, 1f, 1));
    report.add(row(2, 2f, 2.5f, 1));
    report.add(row(3, 1f, -0.5f, 0));
    ReportFacts facts = report.build().facts();

    DifferenceStatistics.Facts difference = facts.difference();
    assertThat(difference.rows()).isEqualTo(4);
    assertThat(difference.bitIdenticalShare()).isEqualTo(0.25);
    assertThat(difference.absLogit().max()).isEqualTo(2);
    assertThat(difference.absLogit().mean()).isEqualTo(1);
    assertThat(difference.absLogit().p50()).isCloseTo(0.5, within(1e-3));
    assertThat(difference.absLogit().p99()).isCloseTo(2, within(4e-3));
    assertThat(difference.flips()).containsExactly(new DifferenceStatistics.Flips(0.5, 1, 1, 0.5));
    assertThat(difference.worst()).extracting(WorstRows.Line::offset).containsExactly(1L, 3L, 2L);
    assertThat(difference.worst().get(0).features()).isEqualTo("{\"offset\":1}");

    LabelStatistics.Facts labels = facts.labels();
    // Baseline: pairs (1,0) wrong, (1,3) wrong, (2,0) right, (2,3) right. Candidate: all right.
    assertThat(labels.baseline().auc()).isEqualTo(0.5);
    assertThat(labels.candidate().auc()).isEqualTo(1);
    assertThat(labels.delta().auc()).isEqualTo(0.5);
    double loss =
        (Math.log(2) + Math.log1p(Math.E) + Math.log1p(Math.exp(-2)) + Math.log1p(Math.E)) / 4;
    assertThat(labels.baseline().logloss()).isCloseTo(loss, within(1e-9));
    assertThat(labels.baseline().normalisedEntropy()).isCloseTo(loss / Math.log(2), within(1e-9));
    double predicted = 0.5 + 1 / (1 + Math.E) + 1 / (1 + Math.exp(-2)) + 1 / (1 + Math.exp(-1));
    assertThat(labels.baseline().predictedToActual()).isCloseTo(predicted / 2, within(1e-6));
    assertThat(labels.aucMethod()).isEqualTo("exact");
    assertThat(facts.distributions().ks()).isEqualTo(0.25);
    assertThat(facts.verdict()).isEqualTo("none");
  }

  @Test
  void theTwoZerosAreEqualButNotBitIdentical() {
    ReportBuilder report = builder(Gates.none());
    report.add(row(0, 0f, -0f, Double.NaN));
    DifferenceStatistics.Facts difference = report.build().facts().difference();
    assertThat(difference.bitIdentical()).isZero();
    assertThat(difference.absLogit().max()).isZero();
    assertThat(difference.absLogit().histogram().get(1).count()).isEqualTo(1);
    assertThat(difference.worst()).hasSize(1);
  }

  @Test
  void quantilesAndMomentsAgreeWithASort() {
    Random random = new Random(3);
    double[] deltas = new double[20_000];
    ReportBuilder report = builder(Gates.none());
    for (int i = 0; i < deltas.length; i++) {
      float baseline = (float) random.nextGaussian();
      float candidate = baseline + (float) Math.pow(10, -7 * random.nextDouble());
      deltas[i] = Math.abs((double) candidate - baseline);
      report.add(row(i, baseline, candidate, Double.NaN));
    }
    Arrays.sort(deltas);
    DeltaHistogram.Facts facts = report.build().facts().difference().absLogit();
    assertThat(facts.max()).isEqualTo(deltas[19_999]);
    assertThat(facts.p50()).isCloseTo(deltas[9_999], within(2e-3 * deltas[9_999]));
    assertThat(facts.p99()).isCloseTo(deltas[19_799], within(2e-3 * deltas[19_799]));
    for (DeltaHistogram.Bin bin : facts.histogram().subList(1, facts.histogram().size())) {
      assertThat(bin.count())
          .isEqualTo(
              Arrays.stream(deltas).filter(d -> d >= bin.from() && d < bin.to() && d > 0).count());
    }
  }

  @Test
  void histogramsTakeOverBeyondTheBoundAndSaySo() {
    Random random = new Random(4);
    ReportBuilder exact = builder(Gates.none());
    ReportBuilder binned =
        new ReportBuilder(
            ReportFixture.header(ReportHeader.Mode.COMPARE),
            Gates.none(),
            ReportOptions.defaults(),
            2_999);
    for (int i = 0; i < 3_000; i++) {
      float baseline = (float) random.nextGaussian();
      ReplayRow row =
          row(i, baseline, baseline + 0.5f * random.nextFloat(), random.nextInt(3) == 0 ? 1 : 0);
      exact.add(row);
      binned.add(row);
    }
    ReportFacts one = exact.build().facts();
    ReportFacts other = binned.build().facts();
    assertThat(one.labels().aucMethod()).isEqualTo("exact");
    assertThat(other.labels().aucMethod()).startsWith("histogram");
    assertThat(other.distributions().method()).startsWith("histogram");
    assertThat(other.labels().candidate().auc())
        .isCloseTo(one.labels().candidate().auc(), within(2e-4));
    assertThat(other.distributions().ks()).isCloseTo(one.distributions().ks(), within(2e-3));
    assertThat(other.distributions().psi().value())
        .isCloseTo(one.distributions().psi().value(), within(5e-3));
  }

  @Test
  void theOrderOfRowsDoesNotMatter() {
    Random random = new Random(5);
    List<ReplayRow> rows = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      float baseline = i % 20;
      rows.add(row(i, 1000L * i, "a", baseline, i < 250 ? "a" : "b", baseline + i % 3, i % 2));
    }
    ReportBuilder inOrder = builder(Gates.none());
    rows.forEach(inOrder::add);
    Collections.shuffle(rows, random);
    ReportBuilder shuffled = builder(Gates.none());
    rows.forEach(shuffled::add);
    ReportFacts one = inOrder.build().facts();
    ReportFacts other = shuffled.build().facts();
    assertThat(other.difference().worst()).isEqualTo(one.difference().worst());
    assertThat(other.difference().byVersion()).isEqualTo(one.difference().byVersion());
    assertThat(other.overTime().refreshes()).isEqualTo(one.overTime().refreshes());
    assertThat(other.overTime().windowMillis()).isEqualTo(one.overTime().windowMillis());
    assertThat(other.distributions().psi()).isEqualTo(one.distributions().psi());
  }

  @Test
  void rowsWithoutALogitOnASideAreCountedAndShownApart() {
    ReportBuilder report = builder(Gates.none().with(Gate.MAX_MISSING, 3));
    report.add(row(0, Float.NaN, 1f, 1));
    report.add(row(1, 1f, Float.NaN, 1));
    report.add(row(2, Float.NaN, Float.POSITIVE_INFINITY, 1));
    report.count(Coverage.MISSING_SCORE, 4);
    report.count(Coverage.MISSING_SCORE, 1);
    ReplayReport built = report.build();
    ReportFacts.CoverageFacts coverage = built.facts().coverage();
    assertThat(coverage.rows()).isEqualTo(3);
    assertThat(coverage.compared()).isZero();
    assertThat(coverage.baselineOnly()).isEqualTo(1);
    assertThat(coverage.candidateOnly()).isEqualTo(1);
    assertThat(coverage.neither()).isEqualTo(1);
    assertThat(built.facts().incomplete()).hasSize(3);
    assertThat(built.gates()).containsExactly(new GateResult("max-missing", 3, 8, false));
    assertThat(built.passed()).isFalse();
  }

  @Test
  void aGateThatCouldNotBeMeasuredFails() {
    Gates all = Gates.none();
    for (Gate gate : Gate.values()) {
      all = all.with(gate, gate.option().startsWith("min") ? -1 : 1);
    }
    ReplayReport empty = builder(all).build();
    assertThat(empty.facts().verdict()).isEqualTo("fail");
    assertThat(empty.gates().stream().filter(GateResult::passed).map(GateResult::name))
        .containsExactly("max-missing", "max-doubled", "max-other-numerics");
  }

  @Test
  void gatesIncludeTheirThreshold() {
    ReportBuilder report =
        builder(Gates.none().with(Gate.MAX_ABS_LOGIT, 0.5).with(Gate.MIN_BIT_IDENTICAL, 0.5));
    report.add(row(0, 0f, 0.5f, Double.NaN));
    report.add(row(1, 0f, 0f, Double.NaN));
    report.gate(new GateResult("of-the-caller", 1, 1, true));
    ReplayReport built = report.build();
    assertThat(built.passed()).isTrue();
    assertThat(built.gates())
        .extracting(GateResult::name)
        .containsExactly("min-bit-identical", "max-abs-logit", "of-the-caller");
    assertThat(built.facts().verdict()).isEqualTo("pass");
  }

  @Test
  void oneClassHasNoAucAndOddLabelsAreLeftOut() {
    ReportBuilder report = builder(Gates.none());
    report.add(row(0, 0f, 1f, 1));
    report.add(row(1, 0f, 2f, 0.5));
    LabelStatistics.Facts labels = report.build().facts().labels();
    assertThat(labels.rows()).isEqualTo(1);
    assertThat(labels.notBinary()).isEqualTo(1);
    assertThat(labels.baseline().auc()).isNaN();
    assertThat(labels.baseline().normalisedEntropy()).isNaN();
    assertThat(labels.candidate().logloss()).isCloseTo(Math.log1p(Math.exp(-1)), within(1e-9));
    assertThat(labels.candidate().predictedToActual())
        .isCloseTo(1 / (1 + Math.exp(-1)), within(1e-6));
  }

  @Test
  void noiseIsMeasuredWhereOneVersionScoredTwice() {
    ReportBuilder report = builder(Gates.none().with(Gate.MAX_NOISE, 0));
    report.add(row(0, 1, "a", 0f, "b", 5f, Double.NaN));
    report.add(row(1, 1, "a", 0f, "a", 0f, Double.NaN));
    report.noise(1f, 1f);
    assertThat(report.build().facts().noiseFloor().rows()).isEqualTo(2);
    assertThat(report.build().passed()).isTrue();
    report.noise(1f, Math.nextUp(1f));
    assertThat(report.build().passed()).isFalse();
  }

  @Test
  void aVersionThatDiffersIsNamed() {
    ReportBuilder report = builder(Gates.none());
    report.add(row(0, 2_000, "v2", 1f, "v2", -1f, Double.NaN));
    report.add(row(1, 1_000, "v1", 1f, "v1", 1f, Double.NaN));
    report.add(row(2, 1_500, null, 1f, null, 1f, Double.NaN));
    assertThat(report.build().facts().difference().byVersion())
        .extracting(
            VersionTable.Line::baselineVersion,
            VersionTable.Line::bitIdentical,
            VersionTable.Line::maxAbsLogit)
        .containsExactly(tuple("v1", 1L, 0.0), tuple("(none)", 1L, 0.0), tuple("v2", 0L, 2.0));
  }

  @Test
  void memoryIsBoundedWhateverTimesAndVersionsTheRowsClaim() {
    ReportBuilder report = builder(Gates.none());
    Random random = new Random(6);
    for (int i = 0; i < 2_000; i++) {
      report.add(row(i, random.nextLong(), "v" + i, 1f, "w" + i, 1f, i % 2));
    }
    ReportFacts facts = report.build().facts();
    assertThat(facts.difference().byVersion()).hasSizeLessThanOrEqualTo(257);
    assertThat(facts.overTime().windows()).hasSizeLessThanOrEqualTo(60);
    assertThat(facts.overTime().windows().stream().mapToLong(Window.Facts::rows).sum())
        .isEqualTo(2_000);
  }

  @Test
  void windowsLengthenToOnesThatReadWellAndMarkWhereAVersionTookOver() {
    ReportBuilder report = builder(Gates.none());
    long minute = 60_000;
    for (int i = 0; i < 600; i++) {
      // One late event of the new version long before it took over.
      String version = i >= 400 || i == 30 ? "new" : "old";
      report.add(row(i, 1_000L * i, version, i % 5, "c", i % 5, i % 2));
    }
    OverTime.Facts time = report.build().facts().overTime();
    assertThat(time.windowMillis()).isEqualTo(15_000);
    assertThat(time.windows()).hasSize(40);
    assertThat(time.refreshes()).containsExactly(new OverTime.Refresh("baseline", "new", 405_000));
    assertThat(time.windows().get(0).start()).isZero();
    assertThat(time.windows().get(4).start()).isEqualTo(minute);
    assertThat(time.windows().get(0).labelled()).isEqualTo(15);
    assertThat(time.windows().get(0).baselineAuc()).isBetween(0.0, 1.0);
  }

  @Test
  void anAskedForWindowIsKeptWhileThereAreNotTooMany() {
    ReportBuilder report =
        new ReportBuilder(
            ReportFixture.header(ReportHeader.Mode.REPRODUCE),
            Gates.none(),
            new ReportOptions(List.of(), 0, Duration.ofMillis(700), 10));
    for (int i = 0; i < 256; i++) {
      report.add(row(i, 700L * i, "a", 1f, "a", 2f, Double.NaN));
    }
    assertThat(report.build().facts().overTime().windowMillis()).isEqualTo(700);
    assertThat(report.build().facts().difference().worst()).isEmpty();
    report.add(row(256, 700L * 256, "a", 1f, "a", 1f, Double.NaN));
    assertThat(report.build().facts().overTime().windowMillis()).isEqualTo(1_400);
  }

  @Test
  void latencyIsSplitByStageAndUnknownStagesAreCounted() {
    ReportBuilder report = builder(Gates.none());
    for (int i = 1; i <= 1_000; i++) {
      ReplayRow row = row(i, 0f, 0f, Double.NaN);
      report.add(
          new ReplayRow(
              row.topic(),
              0,
              i,
              "e",
              0,
              "a",
              0f,
              "b",
              0f,
              Double.NaN,
              new ReplayRow.Latency(i, 0.5, 2, i <= 10 ? -1 : 100),
              null));
    }
    List<LatencyStatistics.Stage> stages = report.build().facts().latency();
    assertThat(stages)
        .extracting(LatencyStatistics.Stage::stage)
        .containsExactly("queue", "batch", "score", "sink", "total");
    assertThat(stages.get(0).p50()).isCloseTo(500, within(0.5));
    assertThat(stages.get(0).p99()).isCloseTo(990, within(1.0));
    assertThat(stages.get(0).max()).isCloseTo(1_000, within(1.0));
    assertThat(stages.get(1).p999()).isCloseTo(0.5, within(1e-3));
    assertThat(stages.get(3).unknown()).isEqualTo(10);
    assertThat(stages.get(4).rows()).isEqualTo(990);
    assertThat(stages.get(4).max()).isCloseTo(1_102.5, within(1.2));
  }

  @Test
  void featureRatesAndBagLengthsAddUp() {
    ReportBuilder report = builder(Gates.none());
    report.featureStats("C1", 8, 2, 1, new long[] {2, 5, 0, 1});
    report.featureStats("C1", 2, 0, 0, new long[] {0, 2});
    report.featureStats("I1", 10, 5, 0, new long[0]);
    List<FeatureTable.Line> features = report.build().facts().features();
    FeatureTable.Line c1 = features.get(0);
    assertThat(c1.nullRate()).isEqualTo(0.2);
    assertThat(c1.unknownRate()).isEqualTo(0.1);
    assertThat(c1.bagMean()).isEqualTo(1.0);
    assertThat(c1.bagP50()).isEqualTo(1);
    assertThat(c1.bagP99()).isEqualTo(3);
    assertThat(c1.bagLengths()).containsExactly(2L, 7L, 0L, 1L);
    assertThat(features.get(1).bagMean()).isNaN();
    assertThat(features.get(1).nullRate()).isEqualTo(0.5);
  }

  @Test
  void optionsThatMeanNothingAreRefused() {
    assertThatThrownBy(() -> new ReportOptions(List.of(1.5), 1, Duration.ZERO, 10))
        .hasMessageContaining("expected thresholds of 0 to 1, got [1.5]");
    assertThatThrownBy(() -> new ReportOptions(List.of(), -1, Duration.ZERO, 10))
        .hasMessageContaining("worst");
    assertThatThrownBy(() -> new ReportOptions(List.of(), 1, Duration.ofNanos(5), 10))
        .hasMessageContaining("window");
    assertThatThrownBy(() -> new ReportOptions(List.of(), 1, Duration.ZERO, 1))
        .hasMessageContaining("psi-bins");
    assertThatThrownBy(() -> Gates.none().with(Gate.MAX_PSI, Double.NaN))
        .hasMessageContaining("max-psi");
  }
}
