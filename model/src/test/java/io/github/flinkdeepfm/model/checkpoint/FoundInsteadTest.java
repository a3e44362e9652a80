package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no model directory is named, with what to run. */
class FoundInsteadTest {
  private static final String EXPORT = "export that with deploy/torchrec/export.py";
  private static final String ZIP = "PK\3\4\0\0model/data.pkl";
  private static final String PICKLE = "\u0080\2\u008a\nl\u00fc";

  @TempDir Path folder;

  static Stream<Arguments> directories() {
    return Stream.of(
        arguments(List.of(), "got an empty directory"),
        arguments(List.of(".metadata", "__0_0.distcp"), "distributed checkpoint (DCP): load it"),
        arguments(List.of("__0_0.distcp"), EXPORT),
        arguments(List.of("pytorch_model.bin", "config.json"), "torch.save files: load it"),
        arguments(List.of("model.pt"), EXPORT),
        arguments(
            List.of("model-00001-of-00002.safetensors", "model.safetensors.index.json"),
            "tensors alone: model.json tells the layers and tables"),
        arguments(List.of("model.safetensors"), "tensors alone"),
        arguments(List.of("readme.txt"), "neither it nor anything"));
  }

  @ParameterizedTest
  @MethodSource("directories")
  void aDirectoryWithoutModelJsonIsNamed(List<String> files, String fragment) throws IOException {
    for (String file : files) {
      Files.writeString(folder.resolve(file), "x");
    }
    assertThatThrownBy(() -> ModelDirectory.open(folder))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(folder.resolve("model.json") + ": expected a readable file, got ")
        .hasMessageContaining(fragment);
  }

  @Test
  void aModelRootIsNamedWithOneOfItsVersions() throws IOException {
    for (String version : List.of("000001", "000002")) {
      Files.createDirectories(folder.resolve(version));
      Files.writeString(folder.resolve(version).resolve("manifest.json"), "{}");
    }
    assertThatThrownBy(() -> ModelDirectory.open(folder))
        .hasMessageContaining(
            "a model root: give one of its versions, for example " + folder.resolve("000002"));
  }

  static Stream<Arguments> files() {
    return Stream.of(
        arguments("model.pt", ZIP, "a torch.save file (a zip with data.pkl): load it"),
        arguments("model.pth", PICKLE, "a pickle, as torch.save's older form is: load it"),
        arguments("__0_0.distcp", ZIP, "a part of a PyTorch distributed checkpoint"),
        arguments(".metadata", PICKLE, "a part of a PyTorch distributed checkpoint"),
        arguments("m.safetensors", "\2\0\0\0\0\0\0\0{}", "a safetensors file: it belongs into"),
        arguments("m.safetensors", "version https://git-lfs.github.com/spec/v1", "git lfs pull"),
        arguments("model.zip", "PK\3\4\0\0a.txt", "got a zip file"),
        arguments("model.tgz", "\u001f\u008b\b", "gzip data"),
        arguments("empty", "", "got a file"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void aFileIsNamed(String name, String content, String fragment) throws IOException {
    Path file = Files.writeString(folder.resolve(name), content, StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> ModelDirectory.open(file))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageStartingWith(file + ": expected a model directory, got ")
        .hasMessageContaining(fragment);
  }

  @ParameterizedTest
  @ValueSource(strings = {ZIP, "version https://git-lfs.github.com/spec/v1", PICKLE + "\u009cF."})
  void anotherFormatUnderTheNameOfTheTensorsIsNamed(String content) throws IOException {
    Path directory = TestModels.writeBare(folder.resolve("m"), 1);
    Path tensors = directory.resolve(ModelDirectory.TENSORS);
    Files.writeString(tensors, content, StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .hasMessageStartingWith(tensors.toString())
        .hasMessageContainingAll(
            "expected a header", content.startsWith("version") ? "git lfs pull" : EXPORT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pt", "__0_0.distcp"})
  void tensorsInAnotherFormatBesideModelJsonAreNamed(String name) throws IOException {
    Path directory = TestModels.writeBare(folder.resolve("m"), 1);
    Files.move(directory.resolve(ModelDirectory.TENSORS), directory.resolve(name));

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .hasMessageContainingAll("expected either model.safetensors", EXPORT);
  }
}
