package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.pipeline.replay.report.GateResult;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a reproduction found.
 *
 * @param range as text
 * @param events read
 * @param scores recorded in the range
 * @param identical scores that have the same bits again
 * @param otherNumerics scores of other arithmetic, within tolerance
 * @param matched events with a recorded score
 * @param deadLetters events with a recorded dead letter
 * @param deadAgain of these that are dead letters of the same reason again
 * @param outside outcomes of events that are not in the range
 * @param versions that scored, each with the scores that it did not reproduce
 * @param recordedNumerics fingerprints of the recorded scores
 * @param numerics fingerprints of this machine
 * @param counts of findings
 * @param first findings, as lines
 * @param requireBits whether scores of other arithmetic fail
 * @param gates of the report; empty without one
 * @param seconds it took
 */
public record ReproductionSummary(
    String range,
    long events,
    long scores,
    long identical,
    long otherNumerics,
    long matched,
    long deadLetters,
    long deadAgain,
    long outside,
    Map<String, Long> versions,
    Set<String> recordedNumerics,
    Set<String> numerics,
    Map<Finding.Kind, Long> counts,
    List<String> first,
    boolean requireBits,
    List<GateResult> gates,
    double seconds) {

  static ReproductionSummary of(
      Range range,
      ScoreIndex index,
      Reproduction.Result result,
      Findings findings,
      boolean requireBits,
      long nanos) {
    return new ReproductionSummary(
        range.toString(),
        result.events(),
        index.scores(),
        result.identical(),
        result.otherNumerics(),
        result.matched(),
        result.deadLetters(),
        result.deadAgain(),
        index.outside(),
        result.versions(),
        index.numerics().all(),
        result.fingerprints(),
        counts(findings),
        findings.first().stream().map(Finding::toLine).toList(),
        requireBits,
        List.of(),
        nanos / 1e9);
  }

  static Map<Finding.Kind, Long> counts(Findings findings) {
    Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
    for (Finding.Kind kind : Finding.Kind.values()) {
      if (findings.count(kind) > 0) {
        counts.put(kind, findings.count(kind));
      }
    }
    return counts;
  }

  ReproductionSummary withGates(List<GateResult> results) {
    return new ReproductionSummary(
        range,
        events,
        scores,
        identical,
        otherNumerics,
        matched,
        deadLetters,
        deadAgain,
        outside,
        versions,
        recordedNumerics,
        numerics,
        counts,
        first,
        requireBits,
        results,
        seconds);
  }

  /** The verdict as a gate of the report: how many findings fail it. */
  GateResult gate() {
    long failed =
        counts.entrySet().stream()
            .filter(e -> fails(e.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum();
    return new GateResult("not-reproduced", 0, failed, reproduced());
  }

  private boolean fails(Finding.Kind kind) {
    return kind != Finding.Kind.OTHER_NUMERICS || requireBits;
  }

  /**
   * Whether every event of the range has one outcome, every score its logit again, and every dead
   * letter its reason.
   */
  public boolean reproduced() {
    return scores > 0
        && identical + otherNumerics == scores
        && deadAgain == deadLetters
        && counts.keySet().stream().noneMatch(this::fails);
  }

  /** Whether it is reproduced and passes every gate. */
  public boolean passed() {
    return reproduced() && gates.stream().allMatch(GateResult::passed);
  }

  /** Lines for people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("range         " + range);
    lines.add(
        format(
            "events        %,d read, %,d scores and %,d dead letters recorded",
            events, scores, deadLetters));
    if (outside > 0) {
      lines.add(format("              %,d outcomes of events outside the range left out", outside));
    }
    lines.add(
        format("versions      %s (%d)", String.join(", ", versions.keySet()), versions.size()));
    lines.add("numerics      recorded " + recordedNumerics + ", here " + numerics);
    lines.add(format("reproduced    %,d of %,d scores bit for bit", identical, scores));
    if (deadLetters > 0) {
      lines.add(
          format(
              "              %,d of %,d dead letters for the same reason", deadAgain, deadLetters));
    }
    counts.forEach((kind, count) -> lines.add(format("%-13s %,d %s", kind, count, kind.text)));
    versions.forEach(
        (version, failed) -> {
          if (failed > 0) {
            lines.add(format("              %,d of them by version %s", failed, version));
          }
        });
    first.forEach(line -> lines.add("  " + line));
    gates.forEach(gate -> lines.add(ReportFiles.line(gate)));
    lines.add(format("speed         %,.0f events/s, %.1f s", events / seconds, seconds));
    lines.add(
        "result        "
            + (reproduced()
                ? "REPRODUCED: every score again, "
                    + (otherNumerics == 0
                        ? "bit for bit"
                        : "within tolerance where the arithmetic is another")
                : scores == 0
                    ? "NOT reproduced: no recorded scores in the range"
                    : "NOT reproduced"));
    return lines;
  }

  private static String format(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }
}
