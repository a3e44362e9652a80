package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.pipeline.train.TrainingFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TrainCommandTest {
  private static final int EVENTS = 6050;

  @TempDir Path folder;
  private TrainingFiles files;
  private Path root;
  private final StringWriter text = new StringWriter();

  @BeforeEach
  void writeFiles() throws IOException {
    files = TrainingFiles.write(folder, EVENTS);
    root = folder.resolve("root");
  }

  @Test
  void publishesFullVersionsAndDeltasThatGetBetter() {
    assertThat(train("--full-every", "4000", "--delta-every", "1000", "--progress", "1ms"))
        .isZero();

    assertThat(versions(root))
        .extracting(Manifest::version, version -> version.base().orElse("full"))
        .hasToString(
            "[(\"000001\", \"full\"), (\"000002\", \"000001\"), (\"000003\", \"000002\"),"
                + " (\"000004\", \"full\"), (\"000005\", \"000004\"), (\"000006\", \"000005\"),"
                + " (\"000007\", \"000006\")]");
    ModelDirectory last = new ModelRoot(root).resolve(Optional.empty());
    assertThat(last.version()).isEqualTo("000007");
    last.verifyChecksums();
    last.load().close();
    assertThat(last.manifest().orElseThrow().provenance().path("events_learnt").asText())
        .isEqualTo("6050");

    String out = text.toString();
    assertThat(out)
        .containsPattern("published 000002: delta of 000001, [0-9,]+ bytes; 2,000 events learnt")
        .containsPattern("events learnt, [0-9,]+/s; AUC .*, logloss .*; since the last line ");
    List<Double> aucs =
        Pattern.compile("published .*, AUC ([0-9.]+)")
            .matcher(out)
            .results()
            .map(found -> Double.valueOf(found.group(1)))
            .toList();
    assertThat(aucs).hasSize(7).isSorted();
    assertThat(aucs.get(6)).isGreaterThan(aucs.get(0) + 0.05).isGreaterThan(0.7);
  }

  @Test
  void firstDueVersionIsAFullOneHoweverLargeTheBatchIs() throws IOException {
    files = TrainingFiles.write(folder, 200);

    assertThat(train("--batch-size", "256", "--delta-every", "50", "--full-every", "1000"))
        .isZero();

    assertThat(versions(root))
        .extracting(
            version -> version.base().orElse("full"),
            version -> version.provenance().path("events_learnt").asText())
        .hasToString(
            "[(\"full\", \"50\"), (\"000001\", \"100\"), (\"000002\", \"150\"),"
                + " (\"000003\", \"200\")]");
  }

  @Test
  void whatCannotBeLearntFromIsCountedAndTheEndIsShown() throws IOException {
    String features = "\"dense\":{\"I1\":1,\"I2\":1},\"sparse\":{\"C1\":1,\"C2\":1}}\n";
    Files.writeString(
        files.events(),
        "{" + features + "{\"label\":2," + features + "{\"label\":\"1\"," + features + "nonsense\n",
        StandardOpenOption.APPEND);

    assertThat(train("--progress", "1h")).isZero();

    assertThat(text.toString())
        .containsPattern(
            "6,050 events learnt from, 1 without a label, 2 with a label that is not 0 or 1,"
                + " rejected \\{NOT_JSON=1}; progressive AUC (0[.][0-9]+), logloss (0[.][0-9]+);"
                + " since the last line of progress \\1, \\2");
    assertThat(versions(root)).hasSize(1);
  }

  @Test
  void oneSeedGivesEqualTensorFilesAndAnotherDoesNot() throws IOException {
    List<List<Path>> tensors = new ArrayList<>();
    for (String seed : List.of("7", "7", "8")) {
      root = folder.resolve("root-" + tensors.size());
      assertThat(train("--full-every", "4000", "--delta-every", "2000", "--seed", seed)).isZero();
      tensors.add(tensorFiles(root));
    }
    assertThat(tensors.get(0)).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(tensors.get(1).get(i)).hasSameBinaryContentAs(tensors.get(0).get(i));
      assertThat(Files.mismatch(tensors.get(2).get(i), tensors.get(0).get(i))).isNotNegative();
    }
  }

  @Test
  void learningRateThatIsTooLargeStopsAtItsStepAndPublishesNothingAfterIt() {
    assertThat(train("--dense-optimizer", "SGD", "--dense-lr", "1e38", "--full-every", "50"))
        .isEqualTo(1);

    assertThat(text.toString())
        .contains("training step 2", "nothing more is published")
        .doesNotContain("\tat ");
    assertThat(versions(root)).extracting(Manifest::version).containsExactly("000001");
    assertThat(root.resolve("000002")).doesNotExist();
  }

  @Test
  void rootThatHasVersionsGetsTheNextNumberAndAFullVersionFirst() {
    assertThat(train()).isZero();
    assertThat(train("--delta-every", "3000")).isZero();

    assertThat(versions(root))
        .extracting(Manifest::version, version -> version.base().orElse("full"))
        .hasToString(
            "[(\"000001\", \"full\"), (\"000002\", \"full\"), (\"000003\", \"000002\"),"
                + " (\"000004\", \"000003\")]");
  }

  @Test
  void wrongUsageExitsWithTwoAndListsAllMistakes() {
    Path none = folder.resolve("none");
    files = new TrainingFiles(none.resolve("model"), none.resolve("features"), folder);

    assertThat(train("--batch-size", "0", "--progress", "soon")).isEqualTo(2);

    assertThat(text.toString())
        .contains(
            "expected a readable file, got " + none.resolve("model"),
            "expected a readable file, got " + none.resolve("features"),
            "expected a readable file, got " + folder,
            "--progress: expected a duration",
            "expected a batch size above 0");
    assertThat(root).doesNotExist();
  }

  @Test
  void modelThatCannotBeTrainedIsTheUsersMistake() throws IOException {
    String config = Files.readString(files.modelConfig());
    Files.writeString(files.modelConfig(), config.replaceFirst("FP32", "FP16"));

    CommandOutcome outcome = CommandOutcome.of(arguments().toArray(String[]::new));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text())
        .contains(files.modelConfig().toString(), "table t1: expected FP32 to train, got FP16");
    assertThat(root).doesNotExist();
  }

  @Test
  void featuresThatAreNoJsonAreTheUsersMistake() throws IOException {
    Files.writeString(files.features(), "dense: I1");

    CommandOutcome outcome = CommandOutcome.of(arguments().toArray(String[]::new));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text()).contains(files.features().toString(), "expected JSON, got");
    assertThat(root).doesNotExist();
  }

  private static List<Manifest> versions(Path root) {
    return new ModelRoot(root).list().versions();
  }

  private static List<Path> tensorFiles(Path root) {
    return versions(root).stream()
        .map(
            version ->
                root.resolve(version.version())
                    .resolve(
                        version.base().isPresent() ? ModelDirectory.DELTA : ModelDirectory.TENSORS))
        .toList();
  }

  private List<String> arguments() {
    return new ArrayList<>(
        List.of(
            "train",
            "--events=" + files.events(),
            "--features=" + files.features(),
            "--model-config=" + files.modelConfig(),
            "--root=" + root,
            "--batch-size=50"));
  }

  private int train(String... options) {
    text.getBuffer().setLength(0);
    List<String> arguments = arguments();
    arguments.addAll(List.of(options));
    PrintWriter out = new PrintWriter(text, true);
    return new CommandLine(new Cli())
        .setOverwrittenOptionsAllowed(true)
        .setOut(out)
        .setErr(out)
        .execute(arguments.toArray(String[]::new));
  }
}
