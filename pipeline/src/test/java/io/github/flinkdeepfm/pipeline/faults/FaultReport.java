package io.github.flinkdeepfm.pipeline.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One row a fault: as a table, and as JSON. */
final class FaultReport {
  private final List<Row> rows = new ArrayList<>();

  /**
   * @param stream which job it is about
   * @param outcome {@code exact}, or what was doubled or wrong
   * @param events that came out meanwhile
   * @param recoverySeconds from the fault to the first new score that is committed; not above 0:
   *     none, or there was no fault
   * @param versions that scored for the first time
   * @param fencedCommits commits that Flink's sink reported as impossible
   * @param note further figures
   */
  record Row(
      String stream,
      String fault,
      String outcome,
      long events,
      double recoverySeconds,
      int versions,
      long fencedCommits,
      String note) {}

  synchronized void add(Row row) {
    rows.add(row);
    System.out.println(line(row));
  }

  synchronized String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        "| job | fault | outcome | events | recovery | new versions | fenced commits | |\n");
    table.append("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    rows.forEach(row -> table.append(line(row)).append('\n'));
    return table.toString();
  }

  private static String line(Row row) {
    return "| %s | %s | %s | %,d | %s | %d | %d | %s |"
        .formatted(
            row.stream(),
            row.fault(),
            row.outcome(),
            row.events(),
            row.recoverySeconds() > 0 ? "%.1f s".formatted(row.recoverySeconds()) : "",
            row.versions(),
            row.fencedCommits(),
            row.note());
  }

  synchronized void write(Path file, long seed) throws IOException {
    Files.writeString(
        file,
        new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .writeValueAsString(Map.of("seed", seed, "rows", rows)));
  }
}
