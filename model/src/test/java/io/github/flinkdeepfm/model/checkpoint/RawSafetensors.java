package io.github.flinkdeepfm.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

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

  /** The same file with a header that is so many spaces longer. */
  static byte[] shifted(byte[] file, int spaces) {
    int header = Math.toIntExact(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
    return ByteBuffer.allocate(file.length + spaces)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header + spaces)
        .put(file, 8, header)
        .put(" ".repeat(spaces).getBytes(StandardCharsets.US_ASCII))
        .put(file, 8 + header, file.length - 8 - header)
        .array();
  }

  /** Adds a tensor of zeros at the end of a file that has some. */
  static void append(Path path, String name, String dtype, String shape, int bytes)
      throws IOException {
    byte[] file = Files.readAllBytes(path);
    int header = Math.toIntExact(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong());
    int data = file.length - 8 - header;
    String json = new String(file, 8, header, StandardCharsets.UTF_8).strip();
    byte[] longer =
        (json.substring(0, json.length() - 1)
                + ","
                + tensor(name, dtype, shape, "[" + data + "," + (data + bytes) + "]")
                + "}")
            .getBytes(StandardCharsets.UTF_8);
    Files.write(
        path,
        ByteBuffer.allocate(8 + longer.length + data + bytes)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(longer.length)
            .put(longer)
            .put(file, 8 + header, data)
            .array());
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
