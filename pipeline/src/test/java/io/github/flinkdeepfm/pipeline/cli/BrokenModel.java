package io.github.flinkdeepfm.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A way to break the directory of {@link io.github.flinkdeepfm.pipeline.TinyModel}. */
@SuppressWarnings("ImmutableEnumChecker") // its lambdas capture nothing
enum BrokenModel {
  NO_DIRECTORY("v1", TestFiles::deleteAll),
  NO_MODEL_JSON("model.json", d -> Files.delete(d.resolve("model.json"))),
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
  NO_TENSORS("model.safetensors", d -> Files.delete(d.resolve("model.safetensors"))),
  NO_SHARD(
      "model-2.safetensors",
      d -> {
        Files.delete(d.resolve("model.safetensors"));
        Files.writeString(
            d.resolve("model.safetensors.index.json"),
            "{\"weight_map\":{\"a\":\"model-2.safetensors\"}}");
      }),
  MODEL_JSON_CUT("model.json", d -> TestFiles.cut(d.resolve("model.json"), 10)),
  MODEL_JSON_UNKNOWN_KEY(
      "model.json", d -> TestFiles.replace(d.resolve("model.json"), "\"tables\"", "\"t\"")),
  TENSORS_CUT("model.safetensors", d -> TestFiles.cut(d.resolve("model.safetensors"), 4)),
  TENSORS_ALMOST_EMPTY(
      "model.safetensors", d -> Files.write(d.resolve("model.safetensors"), new byte[7])),
  WRONG_SHAPE(
      "model.safetensors",
      d -> TestFiles.replace(d.resolve("model.safetensors"), "[10,2]", "[5,4] ")),
  WRONG_DTYPE(
      "model.safetensors", d -> TestFiles.replace(d.resolve("model.safetensors"), "F32", "I32")),
  UNKNOWN_DTYPE(
      "model.safetensors", d -> TestFiles.replace(d.resolve("model.safetensors"), "F32", "F31")),
  UNEXPECTED_TENSOR(
      "model.safetensors",
      d -> TestFiles.replace(d.resolve("model.safetensors"), "model.2.bias", "model.4.bias")),
  HEADER_LARGER_THAN_THE_FILE(
      "model.safetensors", d -> TestFiles.setHeaderLength(d, Long.MAX_VALUE)),
  HEADER_LENGTH_NEGATIVE("model.safetensors", d -> TestFiles.setHeaderLength(d, -1)),
  HEADER_BOMB(
      "model.safetensors",
      d -> TestFiles.writeTensors(d, "{\"a\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000))),
  HEADER_NOT_JSON("model.safetensors", d -> TestFiles.writeTensors(d, "hello, world")),
  SHAPE_OVERFLOWS(
      "model.safetensors",
      d ->
          TestFiles.writeTensors(
              d,
              "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],"
                  + "\"data_offsets\":[0,0]}}")),
  FEATURES_NOT_JSON(
      "features.json", d -> Files.writeString(d.resolve("features.json"), "dense: x0")),
  FEATURES_CUT("features.json", d -> TestFiles.cut(d.resolve("features.json"), 10)),
  FEATURES_NOT_UTF8(
      "features.json", d -> Files.write(d.resolve("features.json"), new byte[] {'{', -1, '}'})),
  FEATURES_OF_ANOTHER_MODEL(
      "features.json", d -> TestFiles.replace(d.resolve("features.json"), "\"c0\"", "\"c9\""));

  /** What the error has to name. */
  private final String file;

  private final Breaking breaking;

  private interface Breaking {
    void apply(Path directory) throws IOException;
  }

  BrokenModel(String file, Breaking breaking) {
    this.file = file;
    this.breaking = breaking;
  }

  /** The file that an error has to name. */
  String file() {
    return file;
  }

  void apply(Path directory) throws IOException {
    breaking.apply(directory);
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
      Path file = directory.resolve("model.safetensors");
      byte[] all = Files.readAllBytes(file);
      ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
      Files.write(file, all);
    }

    static void writeTensors(Path directory, String header) throws IOException {
      byte[] json = header.getBytes(StandardCharsets.UTF_8);
      ByteBuffer all = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
      Files.write(
          directory.resolve("model.safetensors"), all.putLong(json.length).put(json).array());
    }
  }
}
