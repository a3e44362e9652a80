package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsRoundTripTest {
  @TempDir Path directory;

  @Test
  void everyElementTypeReadsBackAsItWasWritten() throws IOException {
    Path file = directory.resolve("all.safetensors");
    new SafetensorsWriter()
        .put("f32", new float[] {1.5f, -0f, Float.NaN, Float.MIN_VALUE, 3, 4}, 2, 3)
        .put("f64", new double[] {Math.PI}, 1)
        .put("i64", new long[] {Long.MIN_VALUE, -1, Long.MAX_VALUE}, 3)
        .put("i32", new int[] {Integer.MIN_VALUE, 7}, 2)
        .putBits("f16", Dtype.F16, new short[] {0x3c00, (short) 0xc000, 0x0001}, 3)
        .putBits("bf16", Dtype.BF16, new short[] {0x3fc0}, 1)
        .put("u8", Dtype.U8, out -> out.putBytes(new byte[] {-1, 2}), 2)
        .put("scalar", new float[] {9})
        .put("empty", new float[0], 0, 5)
        .write(file);

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.tensors().get("f32").shape()).isEqualTo(List.of(2L, 3L));
      assertThat(read.readFloats("f32"))
          .containsExactly(1.5f, -0f, Float.NaN, Float.MIN_VALUE, 3, 4);
      assertThat(read.readDoubles("f64")).containsExactly(Math.PI);
      assertThat(read.readFloats("f64")).containsExactly((float) Math.PI);
      assertThat(read.readLongs("i64")).containsExactly(Long.MIN_VALUE, -1, Long.MAX_VALUE);
      assertThat(read.readLongs("i32")).containsExactly(Integer.MIN_VALUE, 7);
      assertThat(read.readFloats("f16")).containsExactly(1, -2, 0x1p-24f);
      assertThat(read.readFloats("bf16")).containsExactly(1.5f);
      assertThat(read.readLongs("u8")).containsExactly(255, 2);
      assertThat(read.readFloats("scalar")).containsExactly(9);
      assertThat(read.readFloats("empty")).isEmpty();
      assertThatThrownBy(() -> read.readFloats("i64"))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining(
              "tensor \"i64\": expected a dtype of [F16, BF16, F32, F64], got I64");
      assertThatThrownBy(() -> read.readLongs("none")).hasMessageContaining("none of that name");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "input.safetensors", "expected.safetensors"})
  void writesTheBytesOfTheReferenceWriter(String name) throws IOException {
    Path golden = Golden.directory("fp16").resolve(name);
    byte[] bytes = Files.readAllBytes(golden);
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile read = SafetensorsFile.open(golden)) {
      for (TensorInfo tensor : read.tensors().values()) {
        byte[] data = Arrays.copyOfRange(bytes, (int) tensor.begin(), (int) tensor.end());
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        writer.put(tensor.name(), tensor.dtype().orElseThrow(), out -> out.putBytes(data), shape);
      }
    }

    writer.write(directory.resolve("copy"));

    assertThat(directory.resolve("copy")).hasBinaryContent(bytes);
  }

  @Test
  void tensorsBeyondTheBufferAreWhole() throws IOException {
    Path file = directory.resolve("long.safetensors");
    long[] values = new long[100_003];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0x9E3779B97F4A7C15L;
    }
    new SafetensorsWriter().put("v", values, values.length).write(file);

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.readLongs("v")).isEqualTo(values);
    }
  }

  @Test
  void metadataIsRead() throws IOException {
    Path file = directory.resolve("metadata.safetensors");
    Files.write(file, RawSafetensors.file("{\"__metadata__\":{\"format\":\"pt\"}}  ", 0));

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.metadata()).containsEntry("format", "pt");
      assertThat(read.tensors()).isEmpty();
    }
  }

  @Test
  void whiteSpaceAroundTheHeaderIsTakenAsTheReferenceTakesIt() throws IOException {
    Path file = directory.resolve("white.safetensors");
    String tensor = RawSafetensors.tensor("a", "F32", "[2]", "[0,8]");
    for (String header : List.of("\n{%s}", "\t \r\n{%s}", "{%s}\n\t ", " {%s} ")) {
      Files.write(file, RawSafetensors.file(header.formatted(tensor), 8));

      try (SafetensorsFile read = SafetensorsFile.open(file)) {
        assertThat(read.readFloats("a")).as(header).containsExactly(0, 0);
      }
    }
  }

  @Test
  void namesOutsideAsciiAreKept() throws IOException {
    Path file = directory.resolve("names.safetensors");
    new SafetensorsWriter().put("größe\"\n", new float[] {1}, 1).write(file);

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThat(read.readFloats("größe\"\n")).containsExactly(1);
    }
    assertThat(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)).contains("größe\\\"");
  }

  @Test
  void contentOfAnotherSizeThanItsShapeIsRefused() {
    SafetensorsWriter writer =
        new SafetensorsWriter().put("a", Dtype.I64, out -> out.putLong(1), 2);

    assertThatThrownBy(() -> writer.write(directory.resolve("short")))
        .hasMessageContaining("tensor a: expected 16 bytes, got 8");
    assertThatThrownBy(() -> writer.put("a", new float[1], 1)).hasMessageContaining("new tensor");
    assertThatThrownBy(() -> writer.put("b", new float[1], 2)).hasMessageContaining("2 elements");
  }
}
