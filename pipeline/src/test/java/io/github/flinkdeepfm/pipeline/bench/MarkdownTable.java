package io.github.flinkdeepfm.pipeline.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows as the README's table. */
final class MarkdownTable {
  private MarkdownTable() {}

  static List<String> of(List<BenchRow> rows) {
    List<String> lines = new ArrayList<>();
    lines.add("| benchmark | ours | beside it | ratio (rounds) | goal |");
    lines.add("| --- | --- | --- | --- | --- |");
    for (BenchRow row : rows) {
      lines.add(
          String.format(
              "| `%s` | %s %s | %s | %s | %s |",
              row.name(),
              number(row.value()),
              row.unit(),
              row.baselineValue() == null ? "" : row.baseline() + " " + number(row.baselineValue()),
              ratio(row),
              row.goal() == null ? "" : row.goal()));
    }
    return lines;
  }

  private static String ratio(BenchRow row) {
    StringBuilder text = new StringBuilder();
    if (row.ratio() != null) {
      text.append(String.format(Locale.ROOT, "%.2f", row.ratio()));
    }
    if (row.lowest() != null) {
      text.append(String.format(Locale.ROOT, " (%.3g–%.3g)", row.lowest(), row.highest()));
    }
    return text.toString().strip();
  }

  /** Whole numbers from 100 on, three digits below. */
  private static String number(double value) {
    return Math.abs(value) >= 100
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, "%.3g", value);
  }
}
