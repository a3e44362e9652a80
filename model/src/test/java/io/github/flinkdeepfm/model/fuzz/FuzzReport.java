package io.github.flinkdeepfm.model.fuzz;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run came to.
 *
 * @param heapGrowth bytes of the heap after a collection, from warmed up to the end
 * @param nativeGrowth bytes that JavaCPP tracks, likewise
 */
public record FuzzReport(
    long seed, List<Row> rows, double seconds, long heapGrowth, long nativeGrowth) {

  /**
   * One target.
   *
   * @param largestAllocation heap bytes of the case that took the most
   * @param longestMillis of the case that took longest
   */
  public record Row(
      String target,
      long cases,
      Map<String, Long> outcomes,
      double seconds,
      long largestAllocation,
      long longestMillis) {
    public Row {
      outcomes = new TreeMap<>(outcomes);
    }
  }

  /** Cases of the targets whose name starts with {@code prefix}. */
  public long cases(String prefix) {
    return rows.stream().filter(r -> r.target.startsWith(prefix)).mapToLong(Row::cases).sum();
  }

  /** A table for people. */
  public String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%-26s %9s %8s %9s %8s  outcomes%n", "target", "cases", "s", "max KiB", "ms"));
    for (Row row : rows) {
      text.append(
          String.format(
              "%-26s %9d %8.1f %9d %8d  %s%n",
              row.target,
              row.cases,
              row.seconds,
              row.largestAllocation >> 10,
              row.longestMillis,
              row.outcomes));
    }
    return text.append(
            String.format(
                "seed %d, %.0f s; growth: heap %+.2f MB, native %+.2f MB%n",
                seed, seconds, heapGrowth / 1e6, nativeGrowth / 1e6))
        .toString();
  }

  /** The same for machines. */
  public void write(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.put("seed", seed).put("seconds", seconds);
    root.put("heap_growth_bytes", heapGrowth).put("native_growth_bytes", nativeGrowth);
    ArrayNode array = root.putArray("targets");
    for (Row row : rows) {
      ObjectNode node = array.addObject().put("target", row.target).put("cases", row.cases);
      node.put("seconds", row.seconds).put("largest_allocation_bytes", row.largestAllocation);
      node.put("longest_ms", row.longestMillis);
      ObjectNode outcomes = node.putObject("outcomes");
      row.outcomes.forEach(outcomes::put);
    }
    Files.createDirectories(file.toAbsolutePath().getParent());
    json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
  }
}
