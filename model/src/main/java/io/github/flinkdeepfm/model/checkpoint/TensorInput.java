package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads a tensor's elements one after another, by file reads: a truncated file is an error. */
final class TensorInput {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path path;
  private final FileChannel channel;
  private final Dtype dtype;
  private final long end;
  private long position;
  private final ByteBuffer buffer;

  TensorInput(Path path, FileChannel channel, TensorInfo tensor) {
    this.path = path;
    this.channel = channel;
    this.dtype = tensor.dtype().orElseThrow();
    this.position = tensor.begin();
    this.end = tensor.end();
    int bytes = (int) Math.min(BUFFER_BYTES, end - position);
    this.buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  }

  double nextDouble() {
    return switch (dtype) {
      case F64 -> filled().getDouble();
      case F32 -> filled().getFloat();
      case F16 -> HalfFloat.toFloat(filled().getShort());
      case BF16 -> HalfFloat.bfloat16ToFloat(filled().getShort());
      default -> nextLong();
    };
  }

  long nextLong() {
    return switch (dtype) {
      case I64 -> filled().getLong();
      case I32 -> filled().getInt();
      case I16 -> filled().getShort();
      case I8 -> filled().get();
      case U8, BOOL -> filled().get() & 0xff;
      default -> throw new IllegalStateException("not read as integers: " + dtype);
    };
  }

  private ByteBuffer filled() {
    if (!buffer.hasRemaining()) {
      fill();
    }
    return buffer;
  }

  private void fill() {
    buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
    try {
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position);
        if (read < 0) {
          throw new InvalidModelException(
              path + ": expected data up to byte " + end + ", got the file's end at " + position);
        }
        position += read;
      }
    } catch (IOException e) {
      throw SafetensorsFile.unreadable(path, e);
    }
    buffer.flip();
  }
}
