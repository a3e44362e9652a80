package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** {@link Encoding.Hex}: up to 64 bits in hexadecimal, as Criteo's categories are written. */
final class HexEncoder implements IdEncoder {
  private static final int MAX_DIGITS = 16;

  private final long rows;
  private final String pointer;

  HexEncoder(long rows, String pointer) {
    this.rows = rows;
    this.pointer = pointer;
  }

  @Override
  public long encode(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_STRING) {
      throw cursor.wrongType("a string of hexadecimal digits", pointer);
    }
    JsonParser parser = cursor.parser;
    char[] chars = parser.getTextCharacters();
    int from = parser.getTextOffset();
    int n = parser.getTextLength();
    if (n == 0 || n > MAX_DIGITS) {
      throw badHex(cursor);
    }
    long value = 0;
    for (int i = from; i < from + n; i++) {
      int digit = digit(chars[i]);
      if (digit < 0) {
        throw badHex(cursor);
      }
      value = (value << 4) | digit;
    }
    return Long.remainderUnsigned(value, rows);
  }

  /** {@link Character#digit} would take the digits of other scripts too. */
  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  private RejectedEventException badHex(JsonCursor cursor)
      throws IOException, RejectedEventException {
    cursor.requireUnicode(pointer);
    return cursor.reject(DeadLetterReason.BAD_HEX, "1 to 16 hexadecimal digits", pointer);
  }
}
