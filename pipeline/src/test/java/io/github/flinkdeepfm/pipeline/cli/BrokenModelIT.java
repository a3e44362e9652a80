package io.github.flinkdeepfm.pipeline.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelFileFuzz;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.pipeline.OfflineLogits;
import io.github.flinkdeepfm.pipeline.TinyModel;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way to break a model directory that the tests know, and sound ones, by the commands of the
 * jar that {@code mvn package} has built: exit codes and first lines are those of the class path of
 * the tests. One process runs them all, in which the jar is what has the commands.
 */
@Timeout(180)
class BrokenModelIT {
  private static final int DAMAGED_ROOTS_OF_A_KIND = 20;

  @TempDir Path folder;

  private final List<List<String>> commands = new ArrayList<>();

  @Test
  void theJarRefusesThemAsTheTestsDo() throws Exception {
    for (BrokenModel broken : BrokenModel.values()) {
      Path model = TinyModel.write(folder.resolve(broken.name()).resolve("v1"));
      broken.apply(model);
      add(model);
      commands.add(List.of("run", "--config", config(broken.name(), model)));
    }
    ModelFileFuzz.write(folder.resolve("fuzz"), 16, DAMAGED_ROOTS_OF_A_KIND).forEach(this::add);
    add(TinyModel.write(folder.resolve("sound")));
    add(sampled(TinyModel.write(folder.resolve("sampled"))));

    List<CommandOutcome> jar = inJar();
    Map<String, int[]> counts = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      CommandOutcome here = CommandOutcome.of(command(i, "here"));
      count(counts, commands.get(i).get(0), here, 0);
      count(counts, commands.get(i).get(0), jar.get(i), 1);
      String expected = here.code() + " " + firstLine(here, "here");
      String got = jar.get(i).code() + " " + firstLine(jar.get(i), "jar");
      if (!expected.equals(got)) {
        differences.add(commands.get(i) + "\n  expected " + expected + "\n  got      " + got);
      }
    }
    counts.forEach((what, n) -> System.out.printf("%-18s %3d = %3d%n", what, n[1], n[0]));
    assertThat(differences).isEmpty();
    assertThat(counts.keySet())
        .contains("publish exit 0", "publish exit 2", "run exit 2", "verify exit 0")
        .contains("verify exit 2");
  }

  private void add(Path model) {
    commands.add(List.of("verify", model.toString()));
    commands.add(
        List.of("publish", "--model", model.toString(), "--root", folder.resolve("root-") + "@"));
  }

  private String[] command(int i, String side) {
    return commands.get(i).stream()
        .map(word -> word.endsWith("root-@") ? word.replace("@", side + i) : word)
        .toArray(String[]::new);
  }

  private static void count(
      Map<String, int[]> counts, String command, CommandOutcome outcome, int side) {
    counts.computeIfAbsent(command + " exit " + outcome.code(), key -> new int[2])[side]++;
  }

  /** Without what no two runs share. */
  private static String firstLine(CommandOutcome outcome, String side) {
    String line = outcome.text().lines().findFirst().orElse("");
    return line.replaceAll("root-" + side + "\\d+", "root").replaceAll("\\d+(\\.\\d+)? m?s\\b", "");
  }

  /** With a parity sample of its encoding whose numbers have 17 digits. */
  private static Path sampled(Path model) throws Exception {
    String event =
        "{\"event_id\":\"e\",\"metrics\":{\"x0\":0.30000000000000004,\"x1\":1e-17},"
            + "\"ids\":{\"c0\":[3]}}";
    Files.writeString(model.resolve("sample.jsonl"), event + "\n");
    try (OfflineLogits logits = new OfflineLogits(model)) {
      float logit = logits.of(event.getBytes(UTF_8));
      Files.writeString(
          model.resolve("sample_scores.jsonl"),
          "{\"event_id\":\"e\",\"logit\":%s,\"score\":%s}%n"
              .formatted(logit, DeepFmScorer.sigmoid(logit)));
    }
    return model;
  }

  private String config(String name, Path model) throws Exception {
    return Files.writeString(
            folder.resolve(name + ".yaml"),
            """
            job: broken-model
            kafka: {bootstrap.servers: "127.0.0.1:9"}
            events: {topic: events, group: it}
            scores: {topic: scores}
            dead_letters: {topic: events-dead}
            model: {directory: "%s"}
            """
                .formatted(model))
        .toString();
  }

  private List<CommandOutcome> inJar() throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < commands.size(); i++) {
      lines.add(String.join("\t", command(i, "jar")));
    }
    Path input = Files.write(folder.resolve("commands"), lines);
    Path output = folder.resolve("outcomes");
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("flinkdeepfm.test.jar") + File.pathSeparator + driver(),
                CommandOutcome.class.getName(),
                input.toString(),
                output.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s", log).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
    return CommandOutcome.read(output);
  }

  /** A folder with the one class of the tests that the process needs. */
  private Path driver() throws Exception {
    String file = CommandOutcome.class.getName().replace('.', '/') + ".class";
    Path copy = folder.resolve("driver").resolve(file);
    Files.createDirectories(copy.getParent());
    try (InputStream in = CommandOutcome.class.getClassLoader().getResourceAsStream(file)) {
      Files.copy(in, copy);
    }
    return folder.resolve("driver");
  }
}
