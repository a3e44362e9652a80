package io.github.flinkdeepfm.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files that no writer would write. */
final class RawSafetensors {
  private RawSafetensors() {}

  static byte[] file(String header, int dataBytes) {
    return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  static byte[] file(byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }

  static byte[] length(long headerLength, int restBytes) {
    return ByteBuffer.allocate(8 + restBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .array();
  }

  /** One tensor of a header. */
  static String tensor(String name, String dtype, String shape, String offsets) {
    return "\""
        + name
        + "\":{\"dtype\":\""
        + dtype
        + "\",\"shape\":"
        + shape
        + ",\"data_offsets\":"
        + offsets
        + "}";
  }
}
