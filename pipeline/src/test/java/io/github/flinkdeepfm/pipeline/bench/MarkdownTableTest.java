package io.github.flinkdeepfm.pipeline.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MarkdownTableTest {
  @TempDir Path folder;

  @Test
  void batchSizesAreColumnsOtherRowsLinesAndMissedGoalsAreNamedWithTheirReason() {
    assertThat(
            MarkdownTable.of(
                List.of(
                    kernel("kernel.S.criteo.B1", 4, null),
                    kernel("kernel.S.criteo.B64", 0.9, ">= 1.0").withNote("rows come from memory"),
                    new BenchRow(
                        "decode.vs_databind",
                        "events/s",
                        300_000,
                        "databind",
                        90_000.0,
                        3.33,
                        3.1,
                        3.4,
                        ">= 3",
                        null),
                    BenchRow.reading("refresh.pause", "ms", 0.5).withGoal("<= 5"))))
        .containsExactly(
            "| ours / ONNX Runtime | B1 | B64 |",
            "| --- | --- | --- |",
            "| S criteo | 4.00 | 0.90 (>= 1.0) |",
            "",
            "| benchmark | ours | beside it | ratio (rounds) | goal |",
            "| --- | --- | --- | --- | --- |",
            "| `decode.vs_databind` | 300,000 events/s | databind 90,000 | 3.33 (3.10–3.40) | >= 3 |",
            "| `refresh.pause` | 0.500 ms |  |  | <= 5 |",
            "",
            "Goals that were missed in this run:",
            "",
            "- `kernel.S.criteo.B64`: rows come from memory");
  }

  @Test
  void aGoalIsABoundOnTheRatioOrElseOnTheValue() {
    assertThat(Goal.reached(kernel("k", 1.0, ">= 1.0"))).isTrue();
    assertThat(Goal.reached(kernel("k", 0.99, ">= 1.0"))).isFalse();
    assertThat(Goal.reached(BenchRow.reading("r", "ms", 6).withGoal("<= 5"))).isFalse();
    assertThat(Goal.reached(BenchRow.reading("r", "ms", 6))).isTrue();
    assertThatThrownBy(() -> Goal.of("fast")).hasMessageContaining("got fast");
  }

  @Test
  void replacesWhatStandsBetweenTheMarksAndNothingElse() throws IOException {
    Path file = folder.resolve("README.md");
    String begin = "<!-- bench: written by -Dbench.readme, not by hand -->";
    Files.write(file, List.of("before", begin, "old", "<!-- bench: end -->", "after"));
    MarkdownTable.replaceIn(file, List.of("new", "lines"));
    assertThat(file).hasContent("before\n" + begin + "\nnew\nlines\n<!-- bench: end -->\nafter\n");

    Files.write(file, List.of("no marks"));
    assertThatThrownBy(() -> MarkdownTable.replaceIn(file, List.of()))
        .hasMessageContaining("expected the lines");
    assertThat(file).hasContent("no marks");
  }

  private static BenchRow kernel(String name, double ratio, String goal) {
    return new BenchRow(name, "rows/s", 100 * ratio, "ORT", 100.0, ratio, null, null, goal, null);
  }
}
