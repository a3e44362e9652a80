package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.TinyModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A broken model directory is refused by every command that loads one, before anything starts. */
class BrokenModelTest {
  private static final String MODEL = "model.json";
  private static final String FEATURES = "features.json";
  private static final String TENSORS = "model.safetensors";

  @TempDir Path folder;

  /** A way to break a directory. */
  private interface Breaking {
    void apply(Path directory) throws IOException;
  }

  @SuppressWarnings("ImmutableEnumChecker") // its lambdas capture nothing
  private enum Broken {
    NO_DIRECTORY("v1", TestFiles::deleteAll),
    NO_MODEL_JSON(MODEL, d -> Files.delete(d.resolve(MODEL))),
    NO_DIRECTORY_BUT_A_FILE(
        "export.py",
        d -> {
          TestFiles.deleteAll(d);
          Files.writeString(d, "PK\3\4\0\0v1/data.pkl");
        }),
    EMPTY_DIRECTORY(
        "an empty directory",
        d -> {
          TestFiles.deleteAll(d);
          Files.createDirectory(d);
        }),
    DISTRIBUTED_CHECKPOINT(
        "export.py",
        d -> {
          TestFiles.deleteAll(d);
          Files.writeString(Files.createDirectory(d).resolve(".metadata"), "");
          Files.writeString(d.resolve("__0_0.distcp"), "");
        }),
    NO_TENSORS(TENSORS, d -> Files.delete(d.resolve(TENSORS))),
    NO_SHARD(
        "model-2.safetensors",
        d -> {
          Files.delete(d.resolve(TENSORS));
          Files.writeString(
              d.resolve(TENSORS + ".index.json"),
              "{\"weight_map\":{\"a\":\"model-2.safetensors\"}}");
        }),
    MODEL_JSON_CUT(MODEL, d -> TestFiles.cut(d.resolve(MODEL), 10)),
    MODEL_JSON_UNKNOWN_KEY(MODEL, d -> TestFiles.replace(d.resolve(MODEL), "\"tables\"", "\"t\"")),
    TENSORS_CUT(TENSORS, d -> TestFiles.cut(d.resolve(TENSORS), 4)),
    TENSORS_ALMOST_EMPTY(TENSORS, d -> Files.write(d.resolve(TENSORS), new byte[7])),
    WRONG_SHAPE(TENSORS, d -> TestFiles.replace(d.resolve(TENSORS), "[10,2]", "[5,4] ")),
    WRONG_DTYPE(TENSORS, d -> TestFiles.replace(d.resolve(TENSORS), "F32", "I32")),
    UNKNOWN_DTYPE(TENSORS, d -> TestFiles.replace(d.resolve(TENSORS), "F32", "F31")),
    UNEXPECTED_TENSOR(
        TENSORS, d -> TestFiles.replace(d.resolve(TENSORS), "model.2.bias", "model.4.bias")),
    HEADER_LARGER_THAN_THE_FILE(TENSORS, d -> TestFiles.setHeaderLength(d, Long.MAX_VALUE)),
    HEADER_LENGTH_NEGATIVE(TENSORS, d -> TestFiles.setHeaderLength(d, -1)),
    HEADER_BOMB(
        TENSORS,
        d -> TestFiles.writeTensors(d, "{\"a\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000))),
    HEADER_NOT_JSON(TENSORS, d -> TestFiles.writeTensors(d, "hello, world")),
    SHAPE_OVERFLOWS(
        TENSORS,
        d ->
            TestFiles.writeTensors(
                d,
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
                    + "\"data_offsets\":[0,0]}}")),
    FEATURES_NOT_JSON(FEATURES, d -> Files.writeString(d.resolve(FEATURES), "dense: x0")),
    FEATURES_CUT(FEATURES, d -> TestFiles.cut(d.resolve(FEATURES), 10)),
    FEATURES_NOT_UTF8(FEATURES, d -> Files.write(d.resolve(FEATURES), new byte[] {'{', -1, '}'})),
    FEATURES_OF_ANOTHER_MODEL(
        FEATURES, d -> TestFiles.replace(d.resolve(FEATURES), "\"c0\"", "\"c9\""));

    /** What the error has to name. */
    private final String file;

    private final Breaking breaking;

    Broken(String file, Breaking breaking) {
      this.file = file;
      this.breaking = breaking;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isRefusedByEveryCommandWithExitCodeTwoAndOneErrorThatNamesIt(Broken broken)
      throws Exception {
    Path model = TinyModel.write(folder.resolve("v1"));
    broken.breaking.apply(model);
    Path events = Files.writeString(folder.resolve("events.jsonl"), "{}\n");
    Path config =
        Files.writeString(
            folder.resolve("job.yaml"),
            """
            job: broken-model
            kafka: {bootstrap.servers: "127.0.0.1:9"}
            events: {topic: events, group: it}
            scores: {topic: scores}
            dead_letters: {topic: events-dead}
            model: {directory: "%s"}
            """
                .formatted(model));
    String output = folder.resolve("scores.jsonl").toString();

    for (List<String> command :
        List.of(
            List.of("verify", model.toString()),
            List.of("run", "--config", config.toString()),
            List.of("publish", "--model", "" + model, "--root", "" + folder.resolve("root")),
            List.of("score", "--model", "" + model, "--input", "" + events, "--output", output))) {
      CommandOutcome outcome = CommandOutcome.of(command.toArray(String[]::new));

      assertThat(outcome.code()).as("%s: %s", command, outcome.text()).isEqualTo(2);
      assertThat(outcome.text())
          .as("%s", command)
          .contains(broken.file, "expected", "got")
          .doesNotContain("\tat ", "failed: ")
          .hasSizeLessThan(2000);
    }
    assertThat(Path.of(output)).doesNotExist();
    assertThat(folder.resolve("root/000001/manifest.json")).doesNotExist();
  }

  /** Small damage to files. */
  private static final class TestFiles {
    static void deleteAll(Path directory) throws IOException {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(directory);
    }

    static void cut(Path file, int bytes) throws IOException {
      byte[] all = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(all, all.length - bytes));
    }

    /** Replaces the first place; in a safetensors file the lengths have to agree. */
    static void replace(Path file, String from, String to) throws IOException {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      assertThat(text).contains(from);
      int at = text.indexOf(from);
      Files.writeString(
          file,
          text.substring(0, at) + to + text.substring(at + from.length()),
          StandardCharsets.ISO_8859_1);
    }

    static void setHeaderLength(Path directory, long length) throws IOException {
      Path file = directory.resolve(TENSORS);
      byte[] all = Files.readAllBytes(file);
      ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      Files.write(file, all);
    }

    static void writeTensors(Path directory, String header) throws IOException {
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      ByteBuffer all = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(directory.resolve(TENSORS), all.putLong(json.length).put(json).array());
    }
  }
}
