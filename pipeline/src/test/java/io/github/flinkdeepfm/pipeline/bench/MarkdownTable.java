package io.github.flinkdeepfm.pipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows as the README's tables: what differs in the last part of its name only ({@code B64}, {@code
 * p99}) becomes columns of one line, the rest a line each.
 */
final class MarkdownTable {
  private static final String BEGIN = "<!-- bench: written by -Dbench.readme, not by hand -->";
  private static final String END = "<!-- bench: end -->";

  private static final Pattern KERNEL = Pattern.compile("kernel\\.([SL]\\.\\w+)\\.(B\\d+)");
  private static final Pattern LATENCY =
      Pattern.compile("latency\\.(linger\\d+\\.rate\\d+)\\.(p\\d+)");

  private MarkdownTable() {}

  static List<String> of(List<BenchRow> rows) {
    List<String> lines = new ArrayList<>();
    pivot(lines, rows, KERNEL, "ours / ONNX Runtime", MarkdownTable::ratioAndGoal);
    pivot(lines, rows, LATENCY, "event to score, ms", row -> number(row.value()));
    lines.add("| benchmark | ours | beside it | ratio (rounds) | goal |");
    lines.add("| --- | --- | --- | --- | --- |");
    for (BenchRow row : rows) {
      if (!KERNEL.matcher(row.name()).matches() && !LATENCY.matcher(row.name()).matches()) {
        lines.add(line(row));
      }
    }
    List<BenchRow> missed = rows.stream().filter(row -> !Goal.reached(row)).toList();
    if (!missed.isEmpty()) {
      lines.add("");
      lines.add("Goals that were missed in this run:");
      lines.add("");
      for (BenchRow row : missed) {
        lines.add(
            "- `%s`: %s"
                .formatted(
                    row.name(), row.note() == null ? "no reason known yet" : row.note().strip()));
      }
    }
    return lines;
  }

  /**
   * Puts the tables into a file between the lines that mark their place.
   *
   * @throws IOException if the file cannot be read or written, or has no such lines
   */
  static void replaceIn(Path file, List<String> table) throws IOException {
    List<String> lines = Files.readAllLines(file);
    int begin = lines.indexOf(BEGIN);
    int end = lines.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          "%s: expected the lines %s and %s, got none".formatted(file, BEGIN, END));
    }
    List<String> result = new ArrayList<>(lines.subList(0, begin + 1));
    result.addAll(table);
    result.addAll(lines.subList(end, lines.size()));
    Files.write(file, result);
  }

  private interface Cell {
    String of(BenchRow row);
  }

  private static void pivot(
      List<String> lines, List<BenchRow> rows, Pattern names, String title, Cell cell) {
    Set<String> columns = new LinkedHashSet<>();
    Map<String, Map<String, BenchRow>> table = new LinkedHashMap<>();
    for (BenchRow row : rows) {
      Matcher matcher = names.matcher(row.name());
      if (matcher.matches()) {
        columns.add(matcher.group(2));
        table
            .computeIfAbsent(matcher.group(1), line -> new LinkedHashMap<>())
            .put(matcher.group(2), row);
      }
    }
    if (table.isEmpty()) {
      return;
    }
    lines.add("| " + title + " | " + String.join(" | ", columns) + " |");
    lines.add("| --- |" + " --- |".repeat(columns.size()));
    table.forEach(
        (name, cells) -> {
          StringBuilder line = new StringBuilder("| ").append(name.replace('.', ' ')).append(" |");
          for (String column : columns) {
            BenchRow row = cells.get(column);
            line.append(' ').append(row == null ? "" : cell.of(row)).append(" |");
          }
          lines.add(line.toString());
        });
    lines.add("");
  }

  private static String line(BenchRow row) {
    return String.format(
        "| `%s` | %s %s | %s | %s | %s |",
        row.name(),
        number(row.value()),
        row.unit(),
        row.baselineValue() == null ? "" : row.baseline() + " " + number(row.baselineValue()),
        ratio(row),
        row.goal() == null ? "" : row.goal());
  }

  private static String ratioAndGoal(BenchRow row) {
    String ratio = String.format(Locale.ROOT, "%.2f", row.ratio());
    return row.goal() == null ? ratio : ratio + " (" + row.goal() + ")";
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
