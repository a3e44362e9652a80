package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.MemoryFootprint.MappedTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeltaTest {
  private static final String WHEN = "2026-01-01T00:00:00Z";

  @TempDir Path root;

  /** The tables' content after every delta so far, kept apart from the code under test. */
  private final float[] a = TestModels.floats(new Random(1), 40 * 3);

  private final short[] b = TestModels.halves(new Random(2), 30 * 3);
  private float[] overBias = {0.25f};

  @BeforeEach
  void writeFullVersion() throws IOException {
    writeFull("v0");
  }

  @Test
  void chainOfDeltasEqualsTheFullVersionRowByRow() throws IOException {
    Random random = new Random(3);
    for (int version = 1; version <= 4; version++) {
      SafetensorsWriter delta = new SafetensorsWriter();
      if (version != 3) {
        changeA(
            delta, random.longs(0, 40).distinct().limit(9L * version).sorted().toArray(), random);
      }
      if (version != 2) {
        changeB(delta, random.longs(0, 30).distinct().limit(11).sorted().toArray(), random);
      } else {
        overBias = new float[] {-3};
        delta.put(StateDict.OVER_BIAS, overBias, 1);
      }
      writeDelta("v" + version, "v" + (version - 1), delta);
    }
    writeFull("full");

    ModelDirectory last = ModelDirectory.open(root.resolve("v4"));
    last.verifyChecksums();
    try (ModelWeights expected = ModelDirectory.open(root.resolve("full")).load();
        ModelWeights got = last.load()) {
      ModelDirectoryTest.assertSame(got, expected);
      long[] ids = {0, 39, 17, 17, 3};
      assertThat(got.tables().get(0).touch(ids, 0, 5))
          .isEqualTo(expected.tables().get(0).touch(ids, 0, 5));
      assertThat(got.mappedBytes()).isGreaterThan(expected.mappedBytes());
      assertThat(last.footprint().mapped().stream().mapToLong(MappedTensor::bytes).sum())
          .isEqualTo(got.mappedBytes());
    }
    assertThat(last.base().orElseThrow().version()).isEqualTo("v3");
    assertThat(last.file(ModelDirectory.TENSORS)).isEmpty();
    assertThat(last.inheritedFile(ModelDirectory.TENSORS))
        .contains(root.resolve("v0").resolve(ModelDirectory.TENSORS));
  }

  @Test
  void emptyDeltaIsItsBase() throws IOException {
    writeDelta(
        "v1",
        "v0",
        new SafetensorsWriter().put("a.rows", new long[0], 0).put("a.values", new float[0], 0, 3));

    try (ModelWeights base = ModelDirectory.open(root.resolve("v0")).load();
        ModelWeights got = ModelDirectory.open(root.resolve("v1")).load()) {
      ModelDirectoryTest.assertSame(got, base);
    }
  }

  @Test
  void rowsThatAreNotAscendingOrOutOfRangeAreRefused() throws IOException {
    assertRows("got 1 at 1 after 5", 5, 1);
    assertRows("got 5 at 1 after 5", 5, 5);
    assertRows("below 40, got 40 at 0", 40);
    assertRows("got -1 at 0", -1);
  }

  @Test
  void tensorsThatDoNotFitAreAllNamed() throws IOException {
    writeDelta(
        "v1",
        "v0",
        new SafetensorsWriter()
            .put("a.rows", new long[] {1}, 1)
            .put("b.rows", new long[] {1}, 1)
            .put("b.values", new float[3], 1, 3)
            .put("c.rows", new long[] {1}, 1)
            .put(StateDict.OVER_BIAS, new float[2], 2));

    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("v1")).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("4 problems")
        .hasMessageContaining("over_arch.model.0.bias: expected F32 [1], got F32 [2]")
        .hasMessageContaining("table a: expected both of a.rows and a.values, got only a.rows")
        .hasMessageContaining("tensor b.values: expected F16 [1, 3], got F32 [1, 3]")
        .hasMessageContaining("tensor \"c.rows\": expected <table>.rows");
  }

  @Test
  void cyclesLongChainsAndMissingBasesAreRefused() throws IOException {
    writeDelta("x", "y", new SafetensorsWriter());
    writeDelta("y", "x", new SafetensorsWriter());
    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("x")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("without a cycle, got [x, y] and then x");

    writeDelta("self", "self", new SafetensorsWriter());
    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("self")))
        .hasMessageContaining("without a cycle");

    writeDelta("orphan", "gone", new SafetensorsWriter());
    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("orphan")))
        .hasMessageContaining("expected the base gone at " + root.resolve("gone"));

    for (int version = 1; version <= 17; version++) {
      writeDelta("v" + version, "v" + (version - 1), new SafetensorsWriter());
    }
    ModelDirectory.open(root.resolve("v16")).load().close();
    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("v17")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("at most 16 deltas");
  }

  @Test
  void deltaOfAnotherModelIsRefused() throws IOException {
    Path delta = writeDelta("v1", "v0", new SafetensorsWriter());
    Files.writeString(
        delta.resolve(ModelDirectory.MODEL),
        ModelConfigWriter.toJson(TestModels.CONFIG).replace("40", "41"));

    assertThatThrownBy(() -> ModelDirectory.open(delta))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("expected the model of the delta's base v0");
  }

  private void assertRows(String fragment, long... rows) throws IOException {
    writeDelta(
        "bad",
        "v0",
        new SafetensorsWriter()
            .put("a.rows", rows, rows.length)
            .put("a.values", new float[rows.length * 3], rows.length, 3));

    assertThatThrownBy(() -> ModelDirectory.open(root.resolve("bad")).load())
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("tensor a.rows: expected rows ascending from 0")
        .hasMessageContaining(fragment);
  }

  private void changeA(SafetensorsWriter delta, long[] rows, Random random) {
    float[] values = TestModels.floats(random, rows.length * 3);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, 3 * i, a, 3 * (int) rows[i], 3);
    }
    delta.put("a.rows", rows, rows.length).put("a.values", values, rows.length, 3);
  }

  private void changeB(SafetensorsWriter delta, long[] rows, Random random) {
    short[] values = TestModels.halves(random, rows.length * 3);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(values, 3 * i, b, 3 * (int) rows[i], 3);
    }
    delta.put("b.rows", rows, rows.length).putBits("b.values", Dtype.F16, values, rows.length, 3);
  }

  private void writeFull(String version) throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    Files.writeString(
        directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(TestModels.CONFIG));
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .put(TestModels.A, a, 40, 3)
            .putBits(TestModels.B, Dtype.F16, b, 30, 3);
    for (StateDict.Entry entry : StateDict.dense(TestModels.CONFIG)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int elements = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
      writer.put(
          entry.name(),
          entry.name().equals(StateDict.OVER_BIAS) ? overBias : new float[elements],
          shape);
    }
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    TestModels.writeManifest(directory, "\"kind\":\"full\",\"base\":null", WHEN);
  }

  private Path writeDelta(String version, String base, SafetensorsWriter delta) throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    delta.write(directory.resolve(ModelDirectory.DELTA));
    return TestModels.writeManifest(
        directory, "\"kind\":\"delta\",\"base\":\"" + base + "\"", WHEN);
  }
}
