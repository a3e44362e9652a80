package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MappedTableTest {
  @TempDir Path directory;

  /** So no table, however large, makes JavaCPP's limit of a process's memory refuse memory. */
  @Test
  void pagesThatAreTouchedDoNotCountForTheLimitOfJavaCpp() throws IOException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "Linux");
    Path file = directory.resolve("large.safetensors");
    int rows = 1 << 20;
    long bytes = rows * 64L * 4;
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] header =
          RawSafetensors.file(
              "{"
                  + RawSafetensors.tensor("t", "F32", "[" + rows + ",64]", "[0," + bytes + "]")
                  + "}",
              0);
      out.write(header);
      out.setLength(header.length + bytes); // a hole: it costs no disk
    }
    try (MappedTable table = map(file, DataType.FP32, Integer.MAX_VALUE)) {
      long before = Pointer.physicalBytes();
      int sum = 0;
      for (int row = 0; row < rows; row++) {
        sum += table.touchRow(row);
      }
      assertThat(sum).isZero();
      assertThat(Pointer.physicalBytes() - before).isLessThan(bytes / 4);
    }
  }

  @ParameterizedTest
  @CsvSource({"12", "13", "24", "47", "48", "96", "100", "2147483647"})
  void rowsAreTheSameWhateverTheChunkSize(int maxChunkBytes) throws IOException {
    float[] values = new float[207 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 0.5f;
    }
    try (MappedTable table = map(write(values, 207, 3), DataType.FP32, maxChunkBytes)) {
      float[] row = new float[5];
      for (int r = 0; r < 207; r++) {
        table.readRow(r, row, 1);
        assertThat(row).containsExactly(0, values[3 * r], values[3 * r + 1], values[3 * r + 2], 0);
      }
      assertThat(table.mappedBytes()).isEqualTo(207 * 12);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FP16", "BF16"})
  void halvesAreWidenedInEveryChunk(DataType type) throws IOException {
    short[] bits = new short[65 * 5];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) (0x3c00 + i);
    }
    Path file = directory.resolve("half.safetensors");
    new SafetensorsWriter().putBits("t", Dtype.of(type), bits, 65, 5).write(file);

    try (MappedTable table = map(file, type, 40)) {
      float[] row = new float[5];
      for (int r = 0; r < 65; r++) {
        table.readRow(r, row, 0);
        for (int i = 0; i < 5; i++) {
          short half = bits[5 * r + i];
          assertThat(row[i])
              .isEqualTo(
                  type == DataType.FP16
                      ? HalfFloat.toFloat(half)
                      : HalfFloat.bfloat16ToFloat(half));
        }
      }
    }
  }

  @Test
  void tensorsAtOddOffsetsAreReadExactly() throws IOException {
    Path file = directory.resolve("odd.safetensors");
    String header =
        "{"
            + RawSafetensors.tensor("a", "U8", "[3]", "[0,3]")
            + ","
            + RawSafetensors.tensor("t", "F32", "[2,1]", "[3,11]")
            + "}";
    byte[] bytes = RawSafetensors.file(header, 11);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(bytes.length - 8, 1.25f)
        .putFloat(bytes.length - 4, -7f);
    Files.write(file, bytes);

    try (MappedTable table = map(file, DataType.FP32, 100)) {
      float[] row = new float[2];
      table.readRow(0, row, 0);
      table.readRow(1, row, 1);
      assertThat(row).containsExactly(1.25f, -7f);
    }
  }

  @Test
  void tableOverTwoGibibytesIsReadAtBothEndsAndInTheMiddle() throws IOException {
    long rows = 20_000_000;
    int dim = 32;
    long bytes = rows * dim * 4;
    Path file = directory.resolve("large.safetensors");
    String header =
        "{"
            + RawSafetensors.tensor("t", "F32", "[" + rows + "," + dim + "]", "[0," + bytes + "]")
            + "}";
    long[] probes = {0, 1, (1L << 31) / 128 - 1, (1L << 31) / 128, rows / 2, rows - 1};
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(RawSafetensors.file(header.getBytes(StandardCharsets.UTF_8), 0));
      long start = out.getFilePointer();
      out.setLength(start + bytes);
      for (long row : probes) {
        out.seek(start + row * dim * 4);
        out.write(littleEndian((float) (row + 1)));
        out.seek(start + (row + 1) * dim * 4 - 4);
        out.write(littleEndian((float) -row));
      }
    }

    try (MappedTable table = map(file, DataType.FP32, Integer.MAX_VALUE)) {
      float[] row = new float[dim];
      for (long probe : probes) {
        table.readRow(probe, row, 0);
        assertThat(row[0]).isEqualTo((float) (probe + 1));
        assertThat(row[1]).isZero();
        assertThat(row[dim - 1]).isEqualTo((float) -probe);
      }
      assertThat(table.touch(probes, 0, probes.length)).isNotZero();
      assertThat(table.rows()).isEqualTo(rows);
    }
  }

  @Test
  void touchReadsFirstAndLastByteOfTheNamedRows() throws IOException {
    float[] values = new float[3 * 40];
    values[40] = Float.intBitsToFloat(1);
    values[40 + 39] = Float.intBitsToFloat(8 << 24);
    try (MappedTable table = map(write(values, 3, 40), DataType.FP32, 1000)) {
      assertThat(table.touch(new long[] {0, 1, 2}, 1, 2)).isEqualTo(1 + 8);
      assertThat(table.touch(new long[] {0, 1, 2}, 0, 1)).isZero();
    }
  }

  @Test
  void closeUnmapsAndASecondCloseIsHarmless() throws IOException {
    Path file = write(new float[400_000], 100_000, 4);
    MappedTable table = map(file, DataType.FP32, 1 << 16);
    assertThat(mappings(file)).isPositive();

    table.close();
    table.close();

    assertThat(mappings(file)).isZero();
    Files.delete(file);
    assertThatThrownBy(() -> table.readRow(0, new float[4], 0))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void tensorsThatAreNoTableAreRefused() throws IOException {
    Path file = directory.resolve("none.safetensors");
    new SafetensorsWriter()
        .put("vector", new float[4], 4)
        .put("empty", new float[0], 0, 4)
        .put("wide", new float[100], 1, 100)
        .write(file);

    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertThatThrownBy(() -> read.mapTable("vector", DataType.FP32))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("[rows, dimension] without 0, got [4]");
      assertThatThrownBy(() -> read.mapTable("empty", DataType.FP32))
          .hasMessageContaining("[0, 4]");
      assertThatThrownBy(() -> read.mapTable("wide", DataType.FP16))
          .hasMessageContaining("a dtype of [F16], got F32");
      assertThatThrownBy(() -> read.mapTable("wide", DataType.FP32, 399))
          .hasMessageContaining("rows of at most 399 bytes");
    }
  }

  private Path write(float[] values, long rows, long dim) throws IOException {
    Path file = directory.resolve("table.safetensors");
    new SafetensorsWriter().put("t", values, rows, dim).write(file);
    return file;
  }

  private static MappedTable map(Path file, DataType type, int maxChunkBytes) {
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      return read.mapTable("t", type, maxChunkBytes);
    }
  }

  /** Mappings of the file in this process; on other systems than Linux nothing can be counted. */
  private static long mappings(Path file) throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.exists(maps));
    try (Stream<String> lines = Files.lines(maps)) {
      return lines.filter(line -> line.endsWith(file.toString())).count();
    }
  }

  private static byte[] littleEndian(float value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
  }
}
