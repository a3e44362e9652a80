package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** UTF-8 of the text that a cursor stands at; reused, so that only long texts allocate. */
final class Utf8Scratch {
  private static final int BYTES = 4096;

  private final byte[] small = new byte[BYTES];
  byte[] bytes = small;
  int length;

  /**
   * Sets bytes[0, length).
   *
   * @throws RejectedEventException if it has an unpaired surrogate
   */
  void encode(JsonCursor cursor, String pointer) throws IOException, RejectedEventException {
    JsonParser parser = cursor.parser;
    int n = parser.getTextLength();
    bytes = n <= BYTES / 3 ? small : new byte[Math.multiplyExact(3, n)];
    length = Utf8.encode(parser.getTextCharacters(), parser.getTextOffset(), n, bytes);
    if (length == Utf8.UNPAIRED) {
      throw cursor.unpairedSurrogate(pointer);
    }
  }
}
