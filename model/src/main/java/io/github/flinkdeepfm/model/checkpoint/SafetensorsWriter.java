package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Writes a safetensors file, the same bytes as the reference writer (and so {@code
 * safetensors.torch.save_file}) for the same tensors:
 *
 * <pre>{@code
 * new SafetensorsWriter().put("over_arch.model.0.bias", new float[] {0.5f}, 1).write(path);
 * }</pre>
 *
 * <p>Tensors are laid out by dtype (see {@link Dtype}), then by name; the header ends in spaces to
 * a multiple of 8. Tensors given as {@link Content} are never whole in memory.
 */
public final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private final List<Tensor> tensors = new ArrayList<>();

  /** Puts all elements of one tensor when the file is written. */
  @FunctionalInterface
  public interface Content {
    void writeTo(TensorOutput out) throws IOException;
  }

  private record Tensor(String name, Dtype dtype, List<Long> shape, long bytes, Content content) {}

  /** An F32 tensor; the array is read when the file is written. */
  public SafetensorsWriter put(String name, float[] values, long... shape) {
    checkLength(name, values.length, shape);
    return put(name, Dtype.F32, out -> out.putFloats(values, 0, values.length), shape);
  }

  /** An F64 tensor. */
  public SafetensorsWriter put(String name, double[] values, long... shape) {
    checkLength(name, values.length, shape);
    return put(
        name,
        Dtype.F64,
        out -> {
          for (double value : values) {
            out.putDouble(value);
          }
        },
        shape);
  }

  /** An I64 tensor. */
  public SafetensorsWriter put(String name, long[] values, long... shape) {
    checkLength(name, values.length, shape);
    return put(
        name,
        Dtype.I64,
        out -> {
          for (long value : values) {
            out.putLong(value);
          }
        },
        shape);
  }

  /** An I32 tensor. */
  public SafetensorsWriter put(String name, int[] values, long... shape) {
    checkLength(name, values.length, shape);
    return put(
        name,
        Dtype.I32,
        out -> {
          for (int value : values) {
            out.putInt(value);
          }
        },
        shape);
  }

  /** A tensor of 16-bit elements (F16, BF16, I16), given as their bits. */
  public SafetensorsWriter putBits(String name, Dtype dtype, short[] bits, long... shape) {
    checkLength(name, bits.length, shape);
    return put(
        name,
        dtype,
        out -> {
          for (short value : bits) {
            out.putShort(value);
          }
        },
        shape);
  }

  /**
   * Any tensor, streamed.
   *
   * @throws IllegalArgumentException if the name was given before
   */
  public SafetensorsWriter put(String name, Dtype dtype, Content content, long... shape) {
    if (name.equals("__metadata__") || tensors.stream().anyMatch(t -> t.name.equals(name))) {
      throw new IllegalArgumentException("expected a new tensor name, got " + name);
    }
    long bytes = Math.multiplyExact(elements(shape), (long) dtype.bytes());
    List<Long> sizes = LongStream.of(shape).boxed().toList();
    tensors.add(new Tensor(name, dtype, sizes, bytes, content));
    return this;
  }

  /**
   * Writes the file, replacing what is there; not atomic.
   *
   * @throws IllegalStateException if a {@link Content} put another number of bytes than its shape
   *     asks for
   */
  public void write(Path path) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      write(path.toString(), channel);
    }
  }

  /**
   * Writes the file to a channel and leaves that open.
   *
   * @param destination names the file in errors
   * @throws IllegalStateException as above
   */
  public void write(String destination, WritableByteChannel channel) throws IOException {
    List<Tensor> ordered = ordered();
    TensorOutput out = new TensorOutput(channel);
    out.putBytes(header(ordered));
    for (Tensor tensor : ordered) {
      long before = out.written();
      tensor.content.writeTo(out);
      if (out.written() - before != tensor.bytes) {
        throw new IllegalStateException(
            destination
                + ": tensor "
                + tensor.name
                + ": expected "
                + tensor.bytes
                + " bytes, got "
                + (out.written() - before));
      }
    }
    out.flush();
  }

  /** Size of the file, which need not have been written. */
  public long bytes() throws IOException {
    return header(ordered()).length + tensors.stream().mapToLong(Tensor::bytes).sum();
  }

  private List<Tensor> ordered() {
    List<Tensor> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparing(Tensor::dtype, Comparator.reverseOrder()).thenComparing(Tensor::name));
    return ordered;
  }

  private static byte[] header(List<Tensor> tensors) throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(json, JsonEncoding.UTF8)) {
      long offset = 0;
      out.writeStartObject();
      for (Tensor tensor : tensors) {
        out.writeObjectFieldStart(tensor.name);
        out.writeStringField("dtype", tensor.dtype.name());
        out.writeArrayFieldStart("shape");
        for (long size : tensor.shape) {
          out.writeNumber(size);
        }
        out.writeEndArray();
        out.writeArrayFieldStart("data_offsets");
        out.writeNumber(offset);
        offset = Math.addExact(offset, tensor.bytes);
        out.writeNumber(offset);
        out.writeEndArray();
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    while (json.size() % 8 != 0) {
      json.write(' ');
    }
    ByteBuffer header = ByteBuffer.allocate(8 + json.size()).order(ByteOrder.LITTLE_ENDIAN);
    return header.putLong(json.size()).put(json.toByteArray()).array();
  }

  private static void checkLength(String name, int length, long... shape) {
    if (elements(shape) != length) {
      throw new IllegalArgumentException(
          "tensor " + name + ": expected " + elements(shape) + " elements, got " + length);
    }
  }

  private static long elements(long... shape) {
    long product = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("expected sizes from 0, got " + size);
      }
      product = Math.multiplyExact(product, size);
    }
    return product;
  }
}
