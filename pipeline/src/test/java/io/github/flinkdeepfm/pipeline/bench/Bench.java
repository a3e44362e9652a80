package io.github.flinkdeepfm.pipeline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * All benchmarks, each part in a JVM of its own so that none runs code that another's profile
 * shaped, and what they found in one file.
 */
public final class Bench {
  /** A part's main class takes the file of its rows as its only argument. */
  private record Part(Class<?> main, List<String> jvmOptions) {
    String name() {
      return main.getSimpleName();
    }
  }

  private static final List<Part> PARTS = List.of(new Part(DecodeSpeed.class, List.of()));

  private Bench() {}

  /**
   * @param args the folder to write to. System properties: {@code bench.parts}, a comma-separated
   *     list of parts, empty for all; {@code bench.readme}, a file whose tables to replace, empty
   *     for none
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Set<String> chosen = new TreeSet<>();
    String parts = System.getProperty("bench.parts", "");
    if (!parts.isBlank()) {
      chosen.addAll(Arrays.asList(parts.split(",")));
    }
    Set<String> known = new TreeSet<>(PARTS.stream().map(Part::name).toList());
    if (!known.containsAll(chosen)) {
      throw new IllegalArgumentException("expected parts of " + known + ", got " + chosen);
    }
    long start = System.nanoTime();
    List<BenchRow> rows = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (Part part : PARTS) {
      Path file = folder.resolve("bench").resolve(part.name() + ".json");
      if (chosen.isEmpty() || chosen.contains(part.name())) {
        Files.deleteIfExists(file);
        System.out.printf("== %s%n", part.name());
        long from = System.nanoTime();
        int exit = run(part, file);
        System.out.printf(Locale.ROOT, "== %s took %.0f s%n", part.name(), seconds(from));
        if (exit != 0) {
          failed.add(part.name() + " (exit code " + exit + ")");
        }
      }
      if (Files.exists(file)) {
        rows.addAll(BenchReport.read(file));
      }
    }
    BenchReport.write(folder.resolve("bench.json"), rows);
    List<String> table = MarkdownTable.of(rows);
    Files.write(folder.resolve("bench.md"), table);
    String readme = System.getProperty("bench.readme", "");
    if (!readme.isBlank()) {
      MarkdownTable.replaceIn(Path.of(readme), table);
    }
    System.out.printf(Locale.ROOT, "%d rows in %s, %.0f s%n", rows.size(), folder, seconds(start));
    if (!failed.isEmpty()) {
      throw new IllegalStateException("failed: " + failed);
    }
  }

  private static int run(Part part, Path file) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-opens=java.base/java.util=ALL-UNNAMED");
    command.addAll(part.jvmOptions());
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.addAll(List.of(part.main().getName(), file.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start().waitFor();
  }

  private static double seconds(long from) {
    return (System.nanoTime() - from) / 1e9;
  }
}
