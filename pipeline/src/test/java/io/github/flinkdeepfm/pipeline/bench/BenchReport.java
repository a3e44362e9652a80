package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rows of one part, printed as they come and written after each, so that a part that is stopped
 * leaves what it has.
 */
public final class BenchReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final List<BenchRow> rows = new ArrayList<>();

  /**
   * @param file the part's rows, JSON
   */
  public BenchReport(Path file) throws IOException {
    this.file = file.toAbsolutePath();
    Files.createDirectories(this.file.getParent());
  }

  public void add(BenchRow row) throws IOException {
    rows.add(row);
    System.out.println(line(row));
    write(file, rows);
  }

  /** One line for the console. */
  static String line(BenchRow row) {
    StringBuilder line =
        new StringBuilder(
            String.format(Locale.ROOT, "%-44s %14.6g %s", row.name(), row.value(), row.unit()));
    if (row.baselineValue() != null) {
      line.append(
          String.format(
              Locale.ROOT,
              "   %.6g %s   ratio %.2f",
              row.baselineValue(),
              row.baseline(),
              row.ratio()));
    }
    if (row.lowest() != null) {
      line.append(String.format(Locale.ROOT, " (%.3g to %.3g)", row.lowest(), row.highest()));
    }
    if (row.goal() != null) {
      line.append("   goal ").append(row.goal());
    }
    return row.note() == null ? line.toString() : line.append("   ").append(row.note()).toString();
  }

  static void write(Path file, List<BenchRow> rows) throws IOException {
    DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
    lines.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
    Files.write(file, JSON.writer(lines).writeValueAsBytes(rows));
  }

  static List<BenchRow> read(Path file) throws IOException {
    return List.of(JSON.readValue(file.toFile(), BenchRow[].class));
  }
}
