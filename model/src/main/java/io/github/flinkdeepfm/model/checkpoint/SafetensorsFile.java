package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.DataType;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * One safetensors file, its header checked. Small tensors are copied to arrays; embedding tables
 * are mapped, and stay so when the file is closed.
 *
 * <p>Every failure, unreadable files included, is an {@link InvalidModelException}.
 */
public final class SafetensorsFile implements Closeable {
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.header = header;
  }

  /** Opens the file and checks all of its header. */
  public static SafetensorsFile open(Path path) {
    FileChannel channel = null;
    boolean opened = false;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      SafetensorsFile file =
          new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel));
      opened = true;
      return file;
    } catch (IOException e) {
      throw unreadable(path, e);
    } finally {
      if (channel != null && !opened) {
        closeQuietly(channel);
      }
    }
  }

  public Path path() {
    return path;
  }

  /** The tensors in the header's order, not modifiable. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** The header's {@code __metadata__}, empty without it. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Elements of an F32, F16, BF16 or F64 tensor, row-major; F64 is rounded to f32. */
  public float[] readFloats(String name) {
    TensorInfo tensor = tensor(name, EnumSet.of(Dtype.F32, Dtype.F16, Dtype.BF16, Dtype.F64));
    float[] values = new float[arraySize(tensor)];
    TensorInput input = new TensorInput(path, channel, tensor);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) input.nextDouble();
    }
    return values;
  }

  /** Elements of a float or integer tensor as doubles, row-major; I64 beyond 2^53 is rounded. */
  public double[] readDoubles(String name) {
    TensorInfo tensor =
        tensor(
            name,
            EnumSet.of(
                Dtype.F32,
                Dtype.F16,
                Dtype.BF16,
                Dtype.F64,
                Dtype.I64,
                Dtype.I32,
                Dtype.I16,
                Dtype.I8,
                Dtype.U8,
                Dtype.BOOL));
    double[] values = new double[arraySize(tensor)];
    TensorInput input = new TensorInput(path, channel, tensor);
    for (int i = 0; i < values.length; i++) {
      values[i] = input.nextDouble();
    }
    return values;
  }

  /** Elements of an integer tensor (I64, I32, I16, I8, U8), row-major. */
  public long[] readLongs(String name) {
    TensorInfo tensor =
        tensor(name, EnumSet.of(Dtype.I64, Dtype.I32, Dtype.I16, Dtype.I8, Dtype.U8));
    long[] values = new long[arraySize(tensor)];
    TensorInput input = new TensorInput(path, channel, tensor);
    for (int i = 0; i < values.length; i++) {
      values[i] = input.nextLong();
    }
    return values;
  }

  /**
   * Maps a tensor of shape [R, D] as a table.
   *
   * @param type the table's storage type; the tensor has to be of it
   */
  public MappedTable mapTable(String name, DataType type) {
    return mapTable(name, type, Integer.MAX_VALUE);
  }

  /**
   * @param maxChunkBytes what one mapping may cover, at least one row
   */
  MappedTable mapTable(String name, DataType type, int maxChunkBytes) {
    TensorInfo tensor = tensor(name, EnumSet.of(Dtype.of(type)));
    if (tensor.shape().size() != 2 || tensor.elements() == 0) {
      throw invalid(name, "a shape [rows, dimension] without 0", tensor.shape());
    }
    if (tensor.shape().get(1) > maxChunkBytes / type.bytes()) {
      throw invalid(name, "rows of at most " + maxChunkBytes + " bytes", tensor.shape());
    }
    try {
      return MappedTable.map(channel, tensor, type, maxChunkBytes);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }

  private TensorInfo tensor(String name, Set<Dtype> dtypes) {
    TensorInfo tensor = tensors().get(name);
    if (tensor == null) {
      throw invalid(name, "it in the file", "none of that name");
    }
    if (tensor.dtype().filter(dtypes::contains).isEmpty()) {
      throw invalid(name, "a dtype of " + dtypes, tensor.shown());
    }
    return tensor;
  }

  private int arraySize(TensorInfo tensor) {
    if (tensor.elements() > MAX_ARRAY) {
      throw invalid(
          tensor.name(), "at most " + MAX_ARRAY + " elements", tensor.elements() + " elements");
    }
    return (int) tensor.elements();
  }

  private InvalidModelException invalid(String tensor, String expected, Object got) {
    return new InvalidModelException(
        path + ": tensor " + Text.quote(tensor) + ": expected " + expected + ", got " + got);
  }

  static InvalidModelException unreadable(Path path, IOException e) {
    return new InvalidModelException(path + ": expected a readable file, got " + e, e);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // Nothing was written, so nothing is lost.
    }
  }
}
