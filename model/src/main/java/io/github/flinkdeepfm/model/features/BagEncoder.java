package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Turns the element at which a parser stands into an id, by the rules of {@link Encoding}. One for
 * each decoder: not thread-safe.
 */
final class BagEncoder {
  /** The id of an element that leaves its bag. */
  static final long DROPPED = -1;

  private byte[] scratch = new byte[64];

  /**
   * @throws RejectedEventException WRONG_TYPE, ID_OUT_OF_RANGE, BAD_HEX or NOT_JSON (a string with
   *     half a surrogate pair)
   */
  long encode(Encoding encoding, JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    JsonToken token = parser.currentToken();
    if (encoding instanceof Encoding.Id id) {
      require(token == JsonToken.VALUE_NUMBER_INT, "an integer id", parser, pointer);
      return id(id, parser, pointer);
    }
    if (encoding instanceof Encoding.Hash hash) {
      require(
          token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT,
          "a string or an integer to hash",
          parser,
          pointer);
      return hash(hash, parser, pointer);
    }
    if (encoding instanceof Encoding.Hex hex) {
      require(token == JsonToken.VALUE_STRING, "a string of hexadecimal digits", parser, pointer);
      return hex(hex, parser, pointer);
    }
    if (encoding instanceof Encoding.Vocabulary vocabulary) {
      require(token == JsonToken.VALUE_STRING, "a string", parser, pointer);
      checkPaired(parser, pointer);
      return vocabulary.ids().getOrDefault(parser.getText(), 0);
    }
    Encoding.Bucketize bucketize = (Encoding.Bucketize) encoding;
    require(token.isNumeric(), "a number", parser, pointer);
    return bucket(bucketize.boundaries(), parser.getDoubleValue());
  }

  private static long id(Encoding.Id id, JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    boolean big = parser.getNumberType() == NumberType.BIG_INTEGER;
    if (!big) {
      long value = parser.getLongValue();
      if (value >= 0 && value < id.rows()) {
        return value;
      }
    }
    return switch (id.onOutOfRange()) {
      case DROP -> DROPPED;
      case MODULO ->
          big
              ? parser.getBigIntegerValue().mod(BigInteger.valueOf(id.rows())).longValueExact()
              : Math.floorMod(parser.getLongValue(), id.rows());
      case REJECT ->
          throw Rejections.expected(
              DeadLetterReason.ID_OUT_OF_RANGE,
              "an id from 0 to " + (id.rows() - 1),
              parser,
              pointer);
    };
  }

  private long hash(Encoding.Hash hash, JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    char[] chars = parser.getTextCharacters();
    int offset = parser.getTextOffset();
    int length = parser.getTextLength();
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      checkPaired(parser, pointer);
    } else if (length == 2 && chars[offset] == '-' && chars[offset + 1] == '0') {
      offset++; // -0 is the integer 0
      length--;
    }
    if (scratch.length < 3 * length) {
      scratch = new byte[3 * length];
    }
    int bytes = Utf8.encode(chars, offset, length, scratch);
    int digest = MurmurHash3.hash32x86(scratch, 0, bytes, hash.seed());
    return Integer.toUnsignedLong(digest) % hash.buckets() + hash.offset();
  }

  private static long hex(Encoding.Hex hex, JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    char[] chars = parser.getTextCharacters();
    int offset = parser.getTextOffset();
    int length = parser.getTextLength();
    boolean valid = length >= 1 && length <= 16;
    long value = 0;
    for (int i = offset; valid && i < offset + length; i++) {
      int digit = hexDigit(chars[i]);
      valid = digit >= 0;
      value = value << 4 | digit;
    }
    if (!valid) {
      throw Rejections.expected(
          DeadLetterReason.BAD_HEX, "1 to 16 hexadecimal digits", parser, pointer);
    }
    return Long.remainderUnsigned(value, hex.rows());
  }

  /** −1 for anything but an ASCII digit of either case. */
  private static int hexDigit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int lower = c | 0x20;
    return c < 0x80 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  private static int bucket(double[] boundaries, double value) {
    int low = 0;
    int high = boundaries.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (boundaries[middle] <= value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  static void checkPaired(JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    if (!Utf8.isPaired(
        parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength())) {
      throw Rejections.of(
          DeadLetterReason.NOT_JSON, "expected text, got half a surrogate pair", pointer);
    }
  }

  private static void require(boolean fits, String expected, JsonParser parser, String pointer)
      throws IOException, RejectedEventException {
    if (!fits) {
      throw Rejections.expected(DeadLetterReason.WRONG_TYPE, expected, parser, pointer);
    }
  }
}
