package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
  @TempDir Path folder;

  @Test
  void helpAndVersionExitWithZero() {
    for (String command : new String[] {"run", "score", "verify"}) {
      assertThat(execute(command, "--help").code).isZero();
      assertThat(execute(command, "--version").code).isZero();
    }
    assertThat(execute("--help").text).contains("run", "score", "verify");
    assertThat(execute("--version").text).startsWith("flink-deepfm ");
    assertThat(execute().code).isZero();
  }

  @Test
  void wrongUsageExitsWithTwo() {
    assertThat(execute("dance").code).isEqualTo(2);
    assertThat(execute("run").code).isEqualTo(2);
    assertThat(execute("score", "--model", "m").text)
        .contains("Missing required options", "--input", "--output");
  }

  @Test
  void wrongConfigurationExitsWithTwoAndListsAllMistakes() throws Exception {
    Path config = Files.writeString(folder.resolve("job.yaml"), "job: x y\nbatch: {rows: 0}\n");

    Outcome outcome = execute("run", "--config", config.toString());

    assertThat(outcome.code).isEqualTo(2);
    assertThat(outcome.text)
        .contains("job.yaml: ", "job: expected", "batch.rows: expected", "events.topic")
        .doesNotContain("\tat ");
  }

  @Test
  void aModelThatIsNotThereExitsWithTwo() throws Exception {
    Path input = Files.writeString(folder.resolve("events.jsonl"), "{}\n");

    Outcome outcome = score(folder.resolve("none"), input, folder.resolve("out"));

    assertThat(outcome.code).isEqualTo(2);
    assertThat(outcome.text).contains("none").doesNotContain("\tat ");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void anInputThatCannotBeReadExitsWithTwo() {
    Outcome outcome = score(folder, folder.resolve("none.jsonl"), folder.resolve("out"));

    assertThat(outcome.code).isEqualTo(2);
    assertThat(outcome.text).contains("--input: expected a readable file, got ", "none.jsonl");
    assertThat(score(folder, folder, folder.resolve("out")).code).isEqualTo(2);
  }

  @Test
  void anOutputThatWouldOverwriteTheInputExitsWithTwo() throws Exception {
    Path input = Files.writeString(folder.resolve("events.jsonl"), "{}\n");

    assertThat(score(folder, input, input).text).contains("--output: expected another file than");
    assertThat(score(folder, input, folder.resolve("no/out")).text)
        .contains("--output: expected a file in a writable folder");
  }

  private static Outcome score(Path model, Path input, Path output) {
    return execute(
        "score",
        "--model",
        model.toString(),
        "--input",
        input.toString(),
        "--output",
        output.toString());
  }

  private static Outcome execute(String... args) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(text, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      System.setErr(captured);
      int code = Cli.execute(args);
      return new Outcome(code, text.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private record Outcome(int code, String text) {}
}
