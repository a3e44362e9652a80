package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.replay.report.GateResult;
import io.github.flinkdeepfm.pipeline.replay.report.Gates;
import io.github.flinkdeepfm.pipeline.replay.report.ReplayReport;
import io.github.flinkdeepfm.pipeline.replay.report.ReportBuilder;
import io.github.flinkdeepfm.pipeline.replay.report.ReportHeader;
import io.github.flinkdeepfm.pipeline.replay.report.ReportHeader.Mode;
import io.github.flinkdeepfm.pipeline.replay.report.ReportOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the report is to be held to, and where it goes.
 *
 * @param job named in the title
 * @param configuration hash of the job's configuration
 * @param command the command line
 */
record ReportFiles(
    Optional<Path> json,
    Optional<Path> html,
    Gates gates,
    ReportOptions options,
    String job,
    String configuration,
    String command) {

  ReportBuilder builder(
      Mode mode, Range range, Collection<String> versions, Collection<String> fingerprints) {
    List<ReportHeader.Range> ranges = new ArrayList<>();
    range
        .parts()
        .forEach(
            (partition, part) ->
                ranges.add(
                    new ReportHeader.Range(range.topic(), partition, part.from(), part.to())));
    return new ReportBuilder(
        new ReportHeader(
            job + (mode == Mode.REPRODUCE ? ": scores reproduced" : ": models compared"),
            mode,
            ranges,
            List.copyOf(versions),
            List.copyOf(fingerprints),
            configuration,
            Instant.now(),
            command),
        gates,
        options);
  }

  /** Writes what was asked for and returns how the gates were passed. */
  List<GateResult> write(ReplayReport report) throws IOException {
    if (json.isPresent()) {
      report.writeJson(json.get());
    }
    if (html.isPresent()) {
      report.writeHtml(html.get());
    }
    return report.gates();
  }

  static String line(GateResult gate) {
    return String.format(
        Locale.ROOT,
        "gate          %s: threshold %.6g, observed %.6g: %s",
        gate.name(),
        gate.threshold(),
        gate.observed(),
        gate.passed() ? "passed" : "FAILED");
  }
}
