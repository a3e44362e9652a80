package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, which is hostile until checked:
 *
 * <pre>
 * | 8 bytes: n, little-endian | n bytes: JSON, in white space or not | data |
 * {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, …, "__metadata__":{"key":"text"}}
 * </pre>
 *
 * <p>Offsets count from the start of the data. The tensors cover the data without holes, overlaps
 * or a rest. Format: <a href="https://github.com/huggingface/safetensors">safetensors</a>.
 */
final class SafetensorsHeader {
  /** The reference implementation's limit. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private static final int PREFIX_BYTES = 8;

  private final Map<String, TensorInfo> tensors;
  private final Map<String, String> metadata;

  private SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /**
   * Reads and checks the header.
   *
   * @throws InvalidModelException naming file, tensor, expected and found
   * @throws IOException if the file cannot be read
   */
  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    if (fileBytes < PREFIX_BYTES) {
      throw invalid(file, "at least 8 bytes", "a file of " + fileBytes + " bytes");
    }
    long headerBytes = readFully(file, channel, 0, PREFIX_BYTES).getLong();
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw invalid(
          file,
          "a header of at most " + MAX_HEADER_BYTES + " bytes",
          FoundInstead.file(FoundInstead.firstBytes(file))
              .orElse("header length " + Long.toUnsignedString(headerBytes)));
    }
    if (headerBytes > fileBytes - PREFIX_BYTES) {
      throw invalid(
          file,
          "a header of " + headerBytes + " bytes",
          "a file that ends " + (fileBytes - PREFIX_BYTES) + " bytes after the header length");
    }
    byte[] json = readFully(file, channel, PREFIX_BYTES, (int) headerBytes).array();
    checkEnds(file, json);
    long dataStart = PREFIX_BYTES + headerBytes;
    SafetensorsHeaderParser parser =
        new SafetensorsHeaderParser(file, dataStart, fileBytes - dataStart);
    parser.parse(json);
    checkLayout(file, dataStart, fileBytes, parser.tensors().values());
    return new SafetensorsHeader(parser.tensors(), parser.metadata());
  }

  /**
   * Takes what the reference implementation takes: JSON's white space on both sides (the format's
   * page has it begin with the brace and end in spaces), and no other byte.
   */
  private static void checkEnds(Path file, byte[] json) {
    int first = 0;
    while (first < json.length && isWhiteSpace(json[first])) {
      first++;
    }
    if (first == json.length || json[first] != '{') {
      throw invalid(
          file,
          "a header that starts with {",
          first == json.length ? "none" : "byte " + (json[first] & 0xff));
    }
    int last = json.length - 1;
    while (json[last] == 0 || isWhiteSpace(json[last])) {
      last--;
    }
    if (json[json.length - 1] == 0 && json[last] == '}' && json[last - 1] != 0) {
      throw invalid(
          file, "a header padded with spaces", "zero bytes after its end (the writer's mistake)");
    }
  }

  private static boolean isWhiteSpace(byte c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  /** The tensors in the header's order. */
  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /** What {@code __metadata__} says, empty without it. */
  Map<String, String> metadata() {
    return metadata;
  }

  private static void checkLayout(
      Path file, long dataStart, long fileBytes, Collection<TensorInfo> tensors) {
    List<TensorInfo> byOffset = new ArrayList<>(tensors);
    byOffset.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    long covered = dataStart;
    for (TensorInfo tensor : byOffset) {
      if (tensor.begin() != covered) {
        throw invalid(
            file,
            "tensor "
                + Text.quote(tensor.name())
                + " to have data from offset "
                + (covered - dataStart)
                + " on, without a hole or an overlap",
            (tensor.begin() < covered ? "an overlap" : "a hole")
                + ": it begins at "
                + (tensor.begin() - dataStart));
      }
      covered = tensor.end();
    }
    if (covered != fileBytes) {
      throw invalid(
          file,
          (covered - dataStart) + " bytes of data, where the last tensor ends",
          (fileBytes - dataStart) + " bytes");
    }
  }

  private static InvalidModelException invalid(Path file, String expected, Object got) {
    return new InvalidModelException(file + ": expected " + expected + ", got " + got);
  }

  private static ByteBuffer readFully(Path file, FileChannel channel, long position, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw invalid(file, bytes + " bytes at " + position, "the end of the file");
      }
    }
    return buffer.flip();
  }
}
