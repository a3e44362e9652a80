package io.github.flinkdeepfm.pipeline.replay.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A finished report: the same facts as JSON and as a page. */
public final class ReplayReport {
  private final ReportFacts facts;

  ReplayReport(ReportFacts facts) {
    this.facts = facts;
  }

  ReportFacts facts() {
    return facts;
  }

  /** In the order of {@link Gate}, then those added; empty if none was set. */
  public List<GateResult> gates() {
    return List.copyOf(facts.gates());
  }

  /** Whether no gate failed. */
  public boolean passed() {
    return gates().stream().allMatch(GateResult::passed);
  }

  /** Writes the facts, replacing the file. */
  public void writeJson(Path file) throws IOException {
    // A lone surrogate in an event has no UTF-8: getBytes replaces it where a stream would throw.
    Files.write(file, FactsJson.pretty(facts).getBytes(StandardCharsets.UTF_8));
  }

  /** Writes one self-contained page, replacing the file. */
  public void writeHtml(Path file) throws IOException {
    Files.write(file, HtmlPage.of(facts).getBytes(StandardCharsets.UTF_8));
  }
}
