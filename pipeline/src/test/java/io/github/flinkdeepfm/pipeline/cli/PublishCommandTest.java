package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.pipeline.TinyModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PublishCommandTest {
  @TempDir Path folder;
  private String root;
  private String model;
  private final StringWriter text = new StringWriter();
  private Exception failure;

  @BeforeEach
  void writeModel() throws Exception {
    root = folder.resolve("root").toString();
    model = TinyModel.write(folder.resolve("model")).toString();
  }

  @Test
  void saysWhatWasPublishedAndWhatWasNotVerified() throws Exception {
    assertThat(run("--model", model, "--provenance", "trainer=nightly")).isZero();
    assertThat(text.toString())
        .containsPattern("published 000001: full, [0-9,]+ bytes, [0-9,]+ rows\\R")
        .contains("model unverified", "encoding unverified");

    assertThat(run("--model", model, "--base", "000001", "--version", "same")).isZero();
    assertThat(text.toString())
        .containsPattern("published same: delta of 000001, [0-9,]+ bytes, 0 of [0-9,]+ rows");

    assertThat(run("--compact", "same", "--pin", "same", "--keep", "1", "--min-age", "0s"))
        .isZero();
    assertThat(text.toString())
        .contains("published 000002: full", "pinned same", "removed nothing");
    assertThat(new ModelRoot(Path.of(root)).resolve(Optional.empty()).version()).isEqualTo("same");

    assertThat(run("--unpin", "--keep", "1", "--min-age", "0s")).isZero();
    assertThat(text.toString()).contains("unpinned", "removed same, 000001");
    assertThat(new ModelRoot(Path.of(root)).list().versions())
        .extracting(version -> version.provenance().path("compacted_from").asText())
        .containsExactly("same");
  }

  @Test
  void failedCheckExitsWithOne() throws Exception {
    Files.writeString(
        Path.of(model, "sample.jsonl"),
        "{\"event_id\":\"a\",\"metrics\":{\"x0\":1,\"x1\":2},\"ids\":{\"c0\":[1]}}\n");
    Files.writeString(
        Path.of(model, "sample_scores.jsonl"), "{\"event_id\":\"a\",\"logit\":99,\"score\":0.5}\n");

    assertThat(run("--model", model)).isEqualTo(1);
    assertThat(text.toString())
        .contains("parity sample of the encoding: expected")
        .doesNotContain("\tat ");
    assertThat(failure).isNull();
  }

  @Test
  void wrongUsageExitsWithTwoAndListsAllMistakes() {
    assertThat(run()).isEqualTo(2);
    assertThat(text.toString()).contains("expected one of --model, --compact, --pin");
    assertThat(run("--pin", "v", "--unpin", "--base", "b", "--keep", "0", "--min-age", "week"))
        .isEqualTo(2);
    assertThat(text.toString())
        .contains(
            "expected --pin or --unpin, got both",
            "--base: expected --model with it",
            "--keep: expected 1 or more, got 0",
            "--min-age: expected a duration such as");
    assertThat(run("--help")).isZero();
  }

  @Test
  void existingVersionAndMissingBaseAreTheUsersMistakes() {
    assertThat(run("--model", model, "--version", "v1")).isZero();

    run("--model", model, "--version", "v1");
    assertThat(failure).isInstanceOf(InvalidModelException.class).hasMessageContaining("v1");
    run("--model", model, "--base", "v0");
    assertThat(failure).isInstanceOf(InvalidModelException.class).hasMessageContaining("v0");
    assertThat(Files.exists(Path.of(root, "000001"))).isFalse();
  }

  private int run(String... options) {
    text.getBuffer().setLength(0);
    failure = null;
    String[] arguments = new String[options.length + 2];
    arguments[0] = "--root";
    arguments[1] = root;
    System.arraycopy(options, 0, arguments, 2, options.length);
    PrintWriter out = new PrintWriter(text, true);
    return new CommandLine(new PublishCommand())
        .setOut(out)
        .setErr(out)
        .setExecutionExceptionHandler(
            (thrown, command, parsed) -> {
              failure = thrown;
              return 99;
            })
        .execute(arguments);
  }
}
