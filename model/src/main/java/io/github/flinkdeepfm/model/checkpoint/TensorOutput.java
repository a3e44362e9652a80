package io.github.flinkdeepfm.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Takes a tensor's elements, row-major, and writes them little-endian. */
public final class TensorOutput {
  private final WritableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
  private long written;

  TensorOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  public void putFloats(float[] values, int offset, int count) throws IOException {
    for (int i = offset; i < offset + count; i++) {
      space().putInt(Float.floatToRawIntBits(values[i]));
    }
  }

  public void putDouble(double value) throws IOException {
    space().putLong(Double.doubleToRawLongBits(value));
  }

  public void putLong(long value) throws IOException {
    space().putLong(value);
  }

  public void putInt(int value) throws IOException {
    space().putInt(value);
  }

  /** The bits of an F16, BF16 or I16 element. */
  public void putShort(short bits) throws IOException {
    space().putShort(bits);
  }

  public void putBytes(byte[] bytes) throws IOException {
    flush();
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    written += bytes.length;
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  /** Bytes put so far. */
  long written() {
    return written + buffer.position();
  }

  void flush() throws IOException {
    buffer.flip();
    written += buffer.remaining();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private ByteBuffer space() throws IOException {
    if (buffer.remaining() < Long.BYTES) {
      flush();
    }
    return buffer;
  }
}
