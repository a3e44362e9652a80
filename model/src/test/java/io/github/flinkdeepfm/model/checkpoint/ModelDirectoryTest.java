package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {
  @TempDir Path root;

  @Test
  void goldenModelIsReadRight() {
    ModelDirectory directory = ModelDirectory.open(Golden.directory("docstring_deepfm"));
    assertThat(directory.version()).isEqualTo("docstring_deepfm");
    assertThat(directory.manifest()).isEmpty();

    try (ModelWeights weights = directory.load()) {
      assertThat(weights.dense(StateDict.DENSE_0_WEIGHT))
          .hasSize(2000)
          .startsWith(0.058833957f, -0.124920525f)
          .endsWith(0.05809302f, -0.19885181f);
      assertThat(weights.dense(StateDict.DENSE_0_BIAS)).hasSize(20);
      assertThat(weights.dense(StateDict.DENSE_2_WEIGHT)).hasSize(160);
      assertThat(weights.dense(StateDict.DENSE_2_BIAS)).startsWith(0.019929674f).hasSize(8);
      assertThat(weights.dense(StateDict.DEEP_FM_WEIGHT)).hasSize(5 * 32);
      assertThat(weights.dense(StateDict.DEEP_FM_BIAS)).hasSize(5);
      assertThat(weights.dense(StateDict.OVER_WEIGHT)).hasSize(14);
      assertThat(weights.dense(StateDict.OVER_BIAS)).containsExactly(-3.2046819f);
      assertThat(row(weights, 0, 0)).startsWith(0.2610308f, 0.05231077f);
      assertThat(row(weights, 1, 99)).endsWith(-0.18160635f, 0.09429083f);
      assertThat(weights.mappedBytes()).isEqualTo(2 * 100 * 8 * 4);
      assertThatThrownBy(() -> weights.dense("bias")).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void goldenHalfTablesAreWidened() {
    try (ModelWeights weights = ModelDirectory.open(Golden.directory("fp16")).load()) {
      assertThat(weights.tables())
          .extracting(table -> table.dataType())
          .containsExactly(DataType.FP16, DataType.FP16, DataType.FP32);
      assertThat(row(weights, 0, 0)).startsWith(0.21789551f, -0.052978516f);
      assertThat(row(weights, 1, 69)).endsWith(0.05657959f, 0.25439453f);
      assertThat(row(weights, 2, 19)).endsWith(0.095626324f, -0.3353355f);
    }
  }

  @Test
  void goldenCollectionIsReadRight() {
    try (ModelWeights weights =
        ModelDirectory.open(Golden.directory("shared_feature_ebc")).load()) {
      assertThat(row(weights, 0, 0)).startsWith(0.5350583f, 0.44601768f);
      assertThat(row(weights, 1, 21)).endsWith(1.339679f, -0.052892044f);
    }
  }

  @Test
  void tensorsOfAnotherModelAreAllNamedInOneError() throws IOException {
    Path directory = TestModels.writeBare(root.resolve("m"), 1);
    List<StateDict.Entry> entries = new ArrayList<>(StateDict.of(TestModels.CONFIG));
    entries.removeIf(entry -> entry.name().equals(StateDict.OVER_BIAS));
    entries.replaceAll(
        entry ->
            entry.name().equals(StateDict.DENSE_0_WEIGHT)
                ? new StateDict.Entry(entry.name(), Dtype.F32, List.of(2L, 4L))
                : entry.name().equals(TestModels.A)
                    ? new StateDict.Entry(entry.name(), Dtype.BF16, entry.shape())
                    : entry);
    entries.add(new StateDict.Entry("dense_arch.model.4.weight", Dtype.F32, List.of(3L)));
    TestModels.write(directory.resolve(ModelDirectory.TENSORS), entries, 1);

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            directory.resolve(ModelDirectory.TENSORS)
                + ": 4 problems:"
                + "\n  - tensor dense_arch.model.0.weight: expected F32 [4, 2], got F32 [2, 4]"
                + "\n  - tensor over_arch.model.0.bias: expected F32 [1], got no such tensor"
                + "\n  - tensor "
                + TestModels.A
                + ": expected F32 [40, 3], got BF16 [40, 3]"
                + "\n  - tensor \"dense_arch.model.4.weight\": expected no such tensor in this"
                + " model, got F32 [3] in model.safetensors");
  }

  @Test
  void dtypesOfOtherModelsAreNamedWithEverythingElse() throws IOException {
    Path directory = TestModels.writeBare(root.resolve("m"), 1);
    List<StateDict.Entry> entries = new ArrayList<>(StateDict.of(TestModels.CONFIG));
    entries.removeIf(entry -> entry.name().equals(StateDict.OVER_BIAS));
    entries.replaceAll(
        entry ->
            entry.name().equals(StateDict.DENSE_0_BIAS)
                ? new StateDict.Entry(entry.name(), Dtype.BF16, entry.shape())
                : entry);
    entries.removeIf(entry -> entry.name().equals(TestModels.A));
    Path file = directory.resolve(ModelDirectory.TENSORS);
    TestModels.write(file, entries, 1);
    RawSafetensors.append(file, TestModels.A, "F64", "[40,3]", 40 * 3 * 8);
    RawSafetensors.append(file, "steps", "U32", "[1]", 4);
    RawSafetensors.append(file, "scale", "F8_E4M3", "[3]", 3);
    RawSafetensors.append(file, "nibbles", "I4", "[4,2]", 4);

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessage(
            file
                + ": 6 problems:"
                + "\n  - tensor dense_arch.model.0.bias: expected F32 [4], got BF16 [4]"
                + "\n  - tensor over_arch.model.0.bias: expected F32 [1], got no such tensor"
                + "\n  - tensor "
                + TestModels.A
                + ": expected F32 [40, 3], got F64 [40, 3]"
                + "\n  - tensor \"steps\": expected no such tensor in this model, got U32 [1] in"
                + " model.safetensors"
                + "\n  - tensor \"scale\": expected no such tensor in this model, got F8_E4M3 [3] in"
                + " model.safetensors"
                + "\n  - tensor \"nibbles\": expected no such tensor in this model, got \"I4\" [4, 2]"
                + " in model.safetensors");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void unalignedTensorsAreReadToTheSameBits(int shift) throws IOException {
    Path aligned = TestModels.writeBare(root.resolve("aligned"), 5);
    Path unaligned = TestModels.writeBare(root.resolve("unaligned"), 5);
    Path file = unaligned.resolve(ModelDirectory.TENSORS);
    Files.write(file, RawSafetensors.shifted(Files.readAllBytes(file), shift));

    try (ModelWeights expected = ModelDirectory.open(aligned).load();
        ModelWeights got = ModelDirectory.open(unaligned).load()) {
      assertSame(got, expected);
    }
  }

  @Test
  void shardsAreOneModel() throws IOException {
    Path single = TestModels.writeBare(root.resolve("single"), 7);
    Path sharded = writeShards(7, "");

    try (ModelWeights expected = ModelDirectory.open(single).load();
        ModelWeights got = ModelDirectory.open(sharded).load()) {
      assertSame(got, expected);
    }
  }

  @Test
  void shardsAndIndexHaveToAgree() throws IOException {
    Path directory = writeShards(7, ",\"ghost\":\"s1.safetensors\"");
    Path index = directory.resolve(TensorFiles.INDEX);
    Files.writeString(
        index,
        Files.readString(index).replace("\"over_arch.model.0.bias\":\"s1.safetensors\",", ""));

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("2 problems")
        .hasMessageContaining(
            "tensor \"ghost\": expected it in s1.safetensors, got no such tensor there")
        .hasMessageContaining(
            "tensor \"over_arch.model.0.bias\" of s1.safetensors: expected it in");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../s1.safetensors", "/etc/passwd", "..", "a\\\\b", "", "c:d"})
  void shardsOutsideTheDirectoryAreRefused(String name) throws IOException {
    Path directory = writeShards(7, ",\"x\":\"" + name + "\"");

    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("weight_map \"x\": expected a plain file name inside the directory");
  }

  @Test
  void missingAndAmbiguousFilesAreNamed() throws IOException {
    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("none")))
        .hasMessageContaining("expected a model directory, got none");
    assertThatThrownBy(() -> ModelDirectory.open(root))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("model.json");

    Path directory = TestModels.writeBare(root.resolve("m"), 1);
    Files.writeString(directory.resolve(TensorFiles.INDEX), "{}");
    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .hasMessageContaining("got both");
    Files.delete(directory.resolve(ModelDirectory.TENSORS));
    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .hasMessageContaining("weight_map: expected an object, got MISSING");
    Files.delete(directory.resolve(TensorFiles.INDEX));
    assertThatThrownBy(() -> ModelDirectory.open(directory).load())
        .hasMessageContaining("got neither");
  }

  @Test
  void checksumsFindChangedMissingAndUnlistedFiles() throws IOException {
    Path directory = TestModels.writeBare(root.resolve("v1"), 1);
    Files.writeString(directory.resolve("words.txt"), "one");
    Files.writeString(directory.resolve("gone.txt"), "one");
    TestModels.writeManifest(directory, "\"kind\":\"full\"", "2026-01-01T00:00:00Z");
    ModelDirectory opened = ModelDirectory.open(directory);
    opened.verifyChecksums();
    assertThat(opened.manifest().orElseThrow().provenance().path("trainer").asText())
        .isEqualTo("test");

    Files.writeString(directory.resolve("features.json"), "{}");
    Files.writeString(directory.resolve("words.txt"), "two");
    Files.writeString(directory.resolve(ModelDirectory.MODEL), "{}");
    Files.delete(directory.resolve("gone.txt"));

    assertThatThrownBy(opened::verifyChecksums)
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("4 problems")
        .hasMessageContaining("gone.txt: expected the file that the manifest lists, got no file")
        .hasMessageContaining("words.txt: expected SHA-256 ")
        .hasMessageContaining("model.json: expected " + length() + " bytes, got 2 bytes")
        .hasMessageContaining("features.json: expected a file that the manifest lists");
  }

  @Test
  void filesAreLookedUpByPlainNameOnly() throws IOException {
    ModelDirectory directory = ModelDirectory.open(TestModels.writeBare(root.resolve("m"), 1));

    assertThat(directory.file("model.json")).contains(directory.path().resolve("model.json"));
    assertThat(directory.file("features.json")).isEmpty();
    assertThatThrownBy(() -> directory.file("../m/model.json"))
        .isInstanceOf(InvalidModelException.class);
  }

  @Test
  void closedWeightsLetTheDirectoryBeDeletedAndCloseTwice() throws IOException {
    Path directory = TestModels.writeBare(root.resolve("m"), 1);
    ModelWeights weights = ModelDirectory.open(directory).load();

    weights.close();
    weights.close();

    Files.delete(directory.resolve(ModelDirectory.TENSORS));
    assertThatThrownBy(() -> row(weights, 0, 0)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void brokenManifestNamesAllOfItsMistakes() {
    assertThatThrownBy(
            () ->
                ManifestReader.parse(
                    "manifest.json",
                    "{\"format\":2,\"version\":\"../v\",\"kind\":\"delta\",\"created_at\":\"now\","
                        + "\"files\":[{\"name\":\"../x\",\"bytes\":-1,\"sha256\":\"00\"},"
                        + "{\"name\":\"y\",\"bytes\":1}],\"size\":1}"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("9 problems")
        .hasMessageContaining("format: expected 1, got 2")
        .hasMessageContaining("version: expected at most 128 letters")
        .hasMessageContaining("base: expected the version that this delta applies to, got none")
        .hasMessageContaining("created_at: expected an ISO 8601 time")
        .hasMessageContaining("files[0].name: expected a plain file name inside the directory")
        .hasMessageContaining("files[0].bytes: expected a size from 0 to 562949953421312, got -1")
        .hasMessageContaining("files[0].sha256: expected 64 hexadecimal digits")
        .hasMessageContaining("files[1].sha256: expected a string, got no such key")
        .hasMessageContaining("got \"size\"");
  }

  static void assertSame(ModelWeights got, ModelWeights expected) {
    for (StateDict.Entry entry : StateDict.dense(expected.config())) {
      assertThat(got.dense(entry.name())).as(entry.name()).isEqualTo(expected.dense(entry.name()));
    }
    for (int t = 0; t < expected.tables().size(); t++) {
      for (long r = 0; r < expected.tables().get(t).rows(); r++) {
        assertThat(row(got, t, r)).as("table %s row %s", t, r).isEqualTo(row(expected, t, r));
      }
    }
  }

  static float[] row(ModelWeights weights, int table, long row) {
    float[] values = new float[weights.tables().get(table).dim()];
    weights.tables().get(table).readRow(row, values, 0);
    return values;
  }

  private static int length() {
    return ModelConfigWriter.toJson(TestModels.CONFIG).length();
  }

  private Path writeShards(long seed, String more) throws IOException {
    Path directory = Files.createDirectories(root.resolve("sharded"));
    Files.writeString(
        directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(TestModels.CONFIG));
    List<StateDict.Entry> dense = StateDict.dense(TestModels.CONFIG);
    List<StateDict.Entry> all = StateDict.of(TestModels.CONFIG);
    TestModels.write(directory.resolve("s1.safetensors"), dense, seed);
    TestModels.write(
        directory.resolve("s2.safetensors"), all.subList(dense.size(), all.size()), seed);
    StringBuilder map = new StringBuilder();
    for (StateDict.Entry entry : all) {
      String shard = dense.contains(entry) ? "s1" : "s2";
      map.append(map.isEmpty() ? "" : ",");
      map.append("\"" + entry.name() + "\":\"" + shard + ".safetensors\"");
    }
    Files.writeString(
        directory.resolve(TensorFiles.INDEX),
        "{\"metadata\":{\"total_size\":1},\"weight_map\":{" + map + more + "}}");
    return directory;
  }
}
