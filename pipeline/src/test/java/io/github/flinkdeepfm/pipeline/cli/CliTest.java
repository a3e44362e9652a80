package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.ModelRootUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CliTest {
  @TempDir Path folder;

  @Test
  void helpAndVersionExitWithZero() {
    for (String command : new String[] {"run", "score", "verify"}) {
      assertThat(CommandOutcome.of(command, "--help").code()).isZero();
      assertThat(CommandOutcome.of(command, "--version").code()).isZero();
    }
    assertThat(CommandOutcome.of("--help").text()).contains("run", "score", "verify");
    assertThat(CommandOutcome.of("--version").text()).startsWith("flink-deepfm ");
    assertThat(CommandOutcome.of().code()).isZero();
  }

  @Test
  void wrongUsageExitsWithTwo() {
    assertThat(CommandOutcome.of("dance").code()).isEqualTo(2);
    assertThat(CommandOutcome.of("run").code()).isEqualTo(2);
    assertThat(CommandOutcome.of("score", "--model", "m").text())
        .contains("Missing required options", "--input", "--output");
  }

  @Test
  void wrongConfigurationExitsWithTwoAndListsAllMistakes() throws Exception {
    Path config = Files.writeString(folder.resolve("job.yaml"), "job: x y\nbatch: {rows: 0}\n");

    CommandOutcome outcome = CommandOutcome.of("run", "--config", config.toString());

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("job.yaml: ", "job: expected", "batch.rows: expected", "events.topic")
        .doesNotContain("\tat ");
  }

  @Test
  void aModelThatIsNotThereExitsWithTwo() throws Exception {
    Path input = Files.writeString(folder.resolve("events.jsonl"), "{}\n");

    CommandOutcome outcome = score(folder.resolve("none"), input, folder.resolve("out"));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text()).contains("none").doesNotContain("\tat ");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aRootThatDoesNotAnswerIsNoMistakeAndExitsWithOne() {
    StringWriter text = new StringWriter();
    CommandLine command = new CommandLine(new Cli()).setErr(new PrintWriter(text, true));

    int code =
        Cli.report(
            new ModelRootUnavailableException("s3://m: expected an answer", new IOException("no")),
            command,
            command.parseArgs());

    assertThat(code).isEqualTo(1);
    assertThat(text.toString()).isEqualTo("s3://m: expected an answer" + System.lineSeparator());
  }

  @Test
  void anInputThatCannotBeReadExitsWithTwo() {
    CommandOutcome outcome = score(folder, folder.resolve("none.jsonl"), folder.resolve("out"));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text()).contains("--input: expected a readable file, got ", "none.jsonl");
    assertThat(score(folder, folder, folder.resolve("out")).code()).isEqualTo(2);
  }

  @Test
  void anOutputThatWouldOverwriteTheInputExitsWithTwo() throws Exception {
    Path input = Files.writeString(folder.resolve("events.jsonl"), "{}\n");

    assertThat(score(folder, input, input).text()).contains("--output: expected another file than");
    assertThat(score(folder, input, folder.resolve("no/out")).text())
        .contains("--output: expected a file in a writable folder");
  }

  private static CommandOutcome score(Path model, Path input, Path output) {
    return CommandOutcome.of(
        "score",
        "--model",
        model.toString(),
        "--input",
        input.toString(),
        "--output",
        output.toString());
  }
}
