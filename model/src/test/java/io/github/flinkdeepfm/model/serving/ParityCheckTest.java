package io.github.flinkdeepfm.model.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The check that {@code verify} and {@code publish} rely on, with what TorchRec made. */
class ParityCheckTest {
  private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docstring_deepfm",
        "docstring_ebc",
        "criteo_like",
        "weighted",
        "fp16",
        "key_order_b1",
        "key_order_extra",
        "shared_feature_ebc"
      })
  void passesForEveryGoldenCase(String name) {
    ParityReport report = check(GOLDEN.resolve(name));

    assertThat(report.rows()).isNotEmpty().allMatch(ParityReport.Row::passed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"logits", "scores", "embedded_dense", "interaction"})
  void failsWhenOneExpectedValueIsOffByAHundredth(String output) throws IOException {
    Path directory = copy("docstring_deepfm");
    Path expected = directory.resolve("expected.safetensors");
    int at;
    try (SafetensorsFile file = SafetensorsFile.open(expected)) {
      at = (int) file.tensors().get(output).begin();
    }
    byte[] bytes = Files.readAllBytes(expected);
    ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    values.putFloat(at, values.getFloat(at) + 0.01f);
    Files.write(expected, bytes);

    ParityReport report = check(directory);

    assertThat(report.passed()).isFalse();
    assertThat(report.rows())
        .filteredOn(row -> !row.passed())
        .singleElement()
        .satisfies(row -> assertThat(row.output()).isEqualTo(output))
        .satisfies(row -> assertThat(row.worst()).startsWith("[0] expected "));
  }

  @Test
  void aSampleOfWhichAFileIsMissingIsAnErrorAndNoSampleIsNone() throws IOException {
    Path directory = copy("docstring_deepfm");

    Files.delete(directory.resolve("input.json"));
    assertThatThrownBy(() -> check(directory))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected all or none of");

    Files.delete(directory.resolve("input.safetensors"));
    Files.delete(directory.resolve("expected.safetensors"));
    assertThat(ParityCheck.run(ModelDirectory.open(directory))).isEmpty();
  }

  @Test
  void aBrokenModelIsNotTakenForASampleThatDoesNotFit() throws IOException {
    Path directory = copy("docstring_deepfm");
    Files.delete(directory.resolve("model.safetensors"));
    Files.writeString(directory.resolve("model.safetensors.index.json"), "[]");

    assertThatThrownBy(() -> check(directory))
        .hasMessageContaining("model.safetensors.index.json: expected a JSON object")
        .hasMessageNotContaining("sample");
  }

  private static ParityReport check(Path directory) {
    return ParityCheck.run(ModelDirectory.open(directory)).orElseThrow();
  }

  private Path copy(String name) throws IOException {
    Path copy = Files.createDirectory(folder.resolve(name));
    try (Stream<Path> files = Files.list(GOLDEN.resolve(name))) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }
}
