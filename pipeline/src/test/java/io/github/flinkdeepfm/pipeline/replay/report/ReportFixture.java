package io.github.flinkdeepfm.pipeline.replay.report;

import java.time.Instant;
import java.util.List;
import java.util.Random;

/** Headers and rows of replays that never ran. */
final class ReportFixture {
  static final String HOSTILE =
      "{\"C1\":[\"</script><script>window.hacked=1</script>\",\"<img src=x onerror=hacked=2>\","
          + "\"<!--\",\"@@SCRIPT@@\",\"$1\\\\\",\"\u2028\uD800\",\"{a|b}\"]}";

  private static final long START = 1_700_000_000_000L;

  private ReportFixture() {}

  static ReportHeader header(ReportHeader.Mode mode) {
    return new ReportHeader(
        "ctr: 000043 against 000042",
        mode,
        List.of(
            new ReportHeader.Range("events", 0, 120_000, 150_000),
            new ReportHeader.Range("events", 1, 118_240, 148_240)),
        List.of("000041", "000042", "000043"),
        List.of("cpu/openblas-0.3.19/SkylakeX/t64"),
        "sha256:5f2ab1c07d94",
        Instant.parse("2026-03-01T09:30:12Z"),
        "replay --config job.yaml --candidate 000043 --from 120000 --to 150000");
  }

  static ReportBuilder builder(Gates gates) {
    return new ReportBuilder(header(ReportHeader.Mode.COMPARE), gates, ReportOptions.defaults());
  }

  static ReplayRow row(long offset, float baseline, float candidate, double label) {
    return row(offset, START, "a", baseline, "b", candidate, label);
  }

  static ReplayRow row(
      long offset,
      long eventTime,
      String baselineVersion,
      float baseline,
      String candidateVersion,
      float candidate,
      double label) {
    return new ReplayRow(
        "events",
        0,
        offset,
        "e" + offset,
        eventTime,
        baselineVersion,
        baseline,
        candidateVersion,
        candidate,
        label,
        ReplayRow.Latency.UNKNOWN,
        "{\"offset\":" + offset + "}");
  }

  /** A candidate that is worse on purpose, over ten minutes with one refresh of the baseline. */
  static ReportBuilder worseCandidate(Gates gates, ReportOptions options) {
    Random random = new Random(11);
    ReportBuilder report = new ReportBuilder(header(ReportHeader.Mode.COMPARE), gates, options);
    int rows = 60_000;
    for (int i = 0; i < rows; i++) {
      double truth = -2 + 1.1 * random.nextGaussian();
      float baseline = (float) (truth + 0.3 * random.nextGaussian());
      float candidate =
          i % 9 == 0
              ? baseline
              : (float) (baseline * 1.15 + 0.7 + 0.6 * random.nextGaussian() * random.nextFloat());
      double label = random.nextDouble() < 1 / (1 + Math.exp(-truth)) ? 1 : 0;
      boolean poisoned = i == 31_337;
      report.add(
          new ReplayRow(
              "events",
              i % 2,
              120_000 + i / 2,
              poisoned ? "<b onmouseover=hacked=3>e31337</b>" : "e" + i,
              START + 10L * i,
              i < 0.58 * rows ? "000041" : "000042",
              baseline,
              "000043",
              poisoned ? 9.5f : i == 77 ? Float.NaN : candidate,
              i % 4 == 3 ? Double.NaN : label,
              new ReplayRow.Latency(
                  2 + 6 * Math.exp(random.nextGaussian()),
                  5 * random.nextDouble(),
                  0.8 + 0.4 * Math.exp(0.5 * random.nextGaussian()),
                  i % 50 == 0 ? -1 : 900 * random.nextDouble()),
              poisoned
                  ? HOSTILE
                  : "{\"dense\":{\"I1\":%d,\"I2\":null},\"sparse\":{\"C1\":[%d],\"C2\":[4,9,9]}}"
                      .formatted(i % 17, i % 1000)));
      if (i % 3 == 0) {
        report.noise(baseline, baseline);
      }
    }
    report.count(Coverage.MATCHED, rows);
    report.count(Coverage.DEAD_LETTERED, 212);
    report.count(Coverage.MISSING_SCORE, 3);
    report.count(Coverage.UNMATCHED_LABEL, 41);
    report.findings(
        List.of(
            "MISSING_SCORE events-0-7: expected a score or a dead letter, got none; if the job is"
                + " still at work, replay after its next checkpoint or end the range before (--to)",
            "MISSING_SCORE events-0-9: expected a score or a dead letter, got none",
            "MISSING_SCORE events-1-3: expected a score or a dead letter, got none"));
    for (int f = 1; f <= 8; f++) {
      report.featureStats("I" + f, rows, 700L * f * f % 9_000, 0, new long[0]);
    }
    for (int f = 1; f <= 12; f++) {
      long many = rows / 10;
      report.featureStats(
          f == 5 ? "C5<script>hacked=4</script>" : "C" + f,
          rows,
          331L * f,
          f % 3 == 0 ? 1_200L * f : 0,
          new long[] {331L * f, rows - 331L * f - many, many / 2, many / 4, many / 4});
    }
    return report;
  }

  static Gates strictGates() {
    return Gates.none()
        .with(Gate.MAX_ABS_LOGIT, 1)
        .with(Gate.MAX_PSI, 0.1)
        .with(Gate.MAX_NOISE, 0)
        .with(Gate.MIN_AUC_DELTA, -0.001)
        .with(Gate.MAX_MISSING, 0)
        .with(Gate.MAX_DOUBLED, 0);
  }
}
