package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Batch;
import io.github.flinkdeepfm.pipeline.replay.Finding.Kind;
import io.github.flinkdeepfm.pipeline.replay.report.Coverage;
import io.github.flinkdeepfm.pipeline.replay.report.Gate;
import io.github.flinkdeepfm.pipeline.replay.report.GateResult;
import io.github.flinkdeepfm.pipeline.replay.report.ReportBuilder;
import io.github.flinkdeepfm.pipeline.replay.report.ReportHeader.Mode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What the {@code replay} command, and the demo at its end, can do with a recording. */
public final class Replay {
  /** Rows of a batch when the noise floor is measured: another number than the job's. */
  private static final int NOISE_BATCH_ROWS = 97;

  private final JobConfig config;
  private final Recording recording;
  private final int parallelism;
  private final Path findingsFile;
  private final Consumer<String> progressLines;

  /**
   * @param progressLines takes a line every ten seconds
   */
  Replay(
      JobConfig config,
      Recording recording,
      int parallelism,
      Path findingsFile,
      Consumer<String> progressLines) {
    this.progressLines = progressLines;
    this.config = config;
    this.recording = recording;
    this.parallelism = parallelism;
    this.findingsFile = findingsFile;
  }

  /**
   * A replay of the whole event topic of a job, at the job's parallelism.
   *
   * @param findingsFile where findings go, if there are any
   */
  public static Replay ofTopic(JobConfig config, Path findingsFile) {
    return new Replay(
        config,
        new KafkaRecording(config, RangeBound.NONE, RangeBound.NONE),
        config.flink().parallelism(),
        findingsFile,
        line -> {});
  }

  /** Scores the range again with the versions that its recorded scores name, and compares. */
  public ReproductionSummary reproduce(boolean requireBits) throws Exception {
    return reproduce(requireBits, Labels.none(), Optional.empty());
  }

  /** The same, with a report of every pair of scores. */
  ReproductionSummary reproduce(
      boolean requireBits, Labels labels, Optional<ReportFiles> reportFiles) throws Exception {
    try (Findings findings = new Findings(findingsFile);
        ReplayProgress progress = new ReplayProgress(progressLines, ReplayProgress.INTERVAL);
        ReplayJob job = new ReplayJob(config, parallelism, progress)) {
      long start = System.nanoTime();
      Versions versions = new Versions(config);
      ScoreIndex index = ScoreIndex.read(recording, findings, progress);
      Optional<ReportBuilder> report =
          reportFiles.map(
              files ->
                  files.builder(
                      Mode.REPRODUCE,
                      recording.range(),
                      index.versions().all(),
                      index.numerics().all()));
      progress.phase("scoring again, events", recording.range().offsets());
      Reproduction.Result result =
          new Reproduction(recording, index, findings, pairs(index, report, labels))
              .run(job, versions);
      ReproductionSummary summary =
          ReproductionSummary.of(
              recording.range(), index, result, findings, requireBits, System.nanoTime() - start);
      if (report.isPresent()) {
        count(findings, report.get());
        report.get().count(Coverage.MATCHED, summary.matched());
        report.get().count(Coverage.DEAD_LETTERED, summary.deadLetters());
        report.get().count(Coverage.UNMATCHED_LABEL, labels.unmatched());
        report.get().gate(summary.gate());
        return summary.withGates(reportFiles.get().write(report.get().build()));
      }
      return summary;
    }
  }

  private static Reproduction.Comparisons pairs(
      ScoreIndex index, Optional<ReportBuilder> report, Labels labels) {
    if (report.isEmpty()) {
      return Reproduction.Comparisons.NONE;
    }
    ReportBuilder builder = report.get();
    return (replayed, recorded) -> {
      var row =
          ModelComparison.row(
              replayed,
              recorded,
              index.latency(replayed.event().source()),
              replayed.modelVersion(),
              replayed.logit(),
              labels.of(replayed));
      synchronized (builder) {
        builder.add(row);
      }
    };
  }

  /**
   * Scores the range with a candidate and compares with a baseline.
   *
   * @param candidate a model directory, or a version of the root
   * @param baseline a version; empty: the scores as they were recorded
   */
  ComparisonSummary compare(
      String candidate, Optional<String> baseline, Labels labels, ReportFiles reportFiles)
      throws Exception {
    try (Findings findings = new Findings(findingsFile);
        ReplayProgress progress = new ReplayProgress(progressLines, ReplayProgress.INTERVAL);
        ReplayJob job = new ReplayJob(config, parallelism, progress)) {
      Versions versions = new Versions(config);
      Versions.Usable model = versions.require(candidate);
      long offsets = recording.range().offsets();
      ScoreIndex index = baseline(baseline, findings, versions, job, progress);
      List<String> names = new ArrayList<>(index.versions().all());
      names.add(model.name());
      ReportBuilder report =
          reportFiles.builder(Mode.COMPARE, recording.range(), names, index.numerics().all());
      progress.phase("noise floor, events", offsets);
      Reproduction.Result noise =
          new Reproduction(
                  recording,
                  index,
                  findings,
                  (again, before) -> {
                    if (again.numerics().equals(before.numerics())) {
                      synchronized (report) {
                        report.noise(before.logit(), again.logit());
                      }
                    }
                  })
              .run(job, new Versions(otherBatches()));
      requireNoNoise(report, reportFiles, noise, findings);
      FeaturesConfig features = versions.features(model);
      ModelComparison comparison =
          new ModelComparison(
              index, model.name(), labels, report, () -> new FeatureRates(features));
      progress.phase("candidate, events", offsets);
      long start = System.nanoTime();
      job.run(recording.events(recording.range().spans()), model.settings(), comparison);
      double seconds = (System.nanoTime() - start) / 1e9;
      comparison.finish();
      count(findings, report);
      return new ComparisonSummary(
          recording.range().toString(),
          baseline.orElse("as recorded"),
          model.name(),
          comparison.compared(),
          comparison.identical(),
          comparison.maxAbsLogit(),
          noise.identical(),
          ReproductionSummary.counts(findings),
          reportFiles.write(report.build()),
          noise.events() / seconds);
    }
  }

  private ScoreIndex baseline(
      Optional<String> version,
      Findings findings,
      Versions versions,
      ReplayJob job,
      ReplayProgress progress)
      throws Exception {
    if (version.isEmpty()) {
      return ScoreIndex.read(recording, findings, progress);
    }
    progress.phase("baseline, events", recording.range().offsets());
    ScoreIndex index = ScoreIndex.empty(recording.range(), findings);
    job.run(
        recording.events(recording.range().spans()),
        versions.require(version.get()).settings(),
        index.recorder());
    return index;
  }

  /** What scores differently each time cannot be compared: said as a gate that nobody asked for. */
  private static void requireNoNoise(
      ReportBuilder report, ReportFiles files, Reproduction.Result noise, Findings findings) {
    long different =
        findings.count(Kind.MISMATCH)
            + findings.count(Kind.REJECTED)
            + findings.count(Kind.OTHER_OUTCOME);
    if (!files.gates().thresholds().containsKey(Gate.MAX_NOISE)
        && noise.identical() + different > 0) {
      report.gate(new GateResult("noise-floor-differences", 0, different, different == 0));
    }
  }

  /** What the findings say of coverage. */
  private static void count(Findings findings, ReportBuilder report) {
    report.count(Coverage.MISSING_SCORE, findings.count(Kind.MISSING_SCORE));
    report.count(Coverage.DOUBLED, findings.count(Kind.DOUBLED));
    report.count(Coverage.RETENTION_GAP, findings.count(Kind.RETENTION_GAP));
    report.count(Coverage.VERSION_GONE, findings.count(Kind.VERSION_GONE));
    report.count(Coverage.OTHER_NUMERICS, findings.count(Kind.OTHER_NUMERICS));
    report.count(
        Coverage.ORPHAN_SCORE,
        findings.count(Kind.ORPHAN_SCORE) + findings.count(Kind.OTHER_EVENT));
    report.count(Coverage.MIXED_SCHEMA, findings.count(Kind.REJECTED));
    report.count(Coverage.UNREADABLE, findings.count(Kind.UNREADABLE));
    report.count(Coverage.OTHER_OUTCOME, findings.count(Kind.OTHER_OUTCOME));
    report.findings(findings.first().stream().map(Finding::toLine).toList());
  }

  private JobConfig otherBatches() {
    Batch batch = config.scoring().batch();
    int rows = batch.rows() == NOISE_BATCH_ROWS ? NOISE_BATCH_ROWS - 1 : NOISE_BATCH_ROWS;
    return config.withBatch(new Batch(rows, batch.linger(), batch.ids()));
  }

  /** The outcome of a comparison, for people; the report has the rest. */
  record ComparisonSummary(
      String range,
      String baseline,
      String candidate,
      long compared,
      long identical,
      double maxAbsLogit,
      long noiseRows,
      Map<Kind, Long> counts,
      List<GateResult> gates,
      double eventsPerSecond) {

    boolean passed() {
      return compared > 0 && gates.stream().allMatch(GateResult::passed);
    }

    List<String> lines() {
      List<String> lines = new ArrayList<>();
      lines.add("range         " + range);
      lines.add("baseline      " + baseline);
      lines.add("candidate     " + candidate);
      lines.add(
          String.format(
              Locale.ROOT,
              "compared      %,d events, %,d bit-identical, largest |Δlogit| %.6g",
              compared,
              identical,
              maxAbsLogit));
      lines.add(
          String.format(Locale.ROOT, "noise floor   %,d scores again bit for bit", noiseRows));
      counts.forEach(
          (kind, count) ->
              lines.add(String.format(Locale.ROOT, "%-13s %,d %s", kind, count, kind.text)));
      gates.forEach(gate -> lines.add(ReportFiles.line(gate)));
      lines.add(
          String.format(Locale.ROOT, "speed         %,.0f events/s (candidate)", eventsPerSecond));
      lines.add(
          "result        "
              + (passed()
                  ? "PASSED"
                  : compared == 0 ? "FAILED: no event has both scores" : "FAILED"));
      return lines;
    }
  }
}
