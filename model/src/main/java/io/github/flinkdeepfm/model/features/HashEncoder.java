package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.apache.commons.codec.digest.MurmurHash3;

/** {@link Encoding.Hash}: a string by its UTF-8 bytes, an integer by its decimal text. */
final class HashEncoder extends IdEncoder {
  private static final int MAX_LONG_LENGTH = 20;

  private final Encoding.Hash hash;
  private final UnsignedModulus buckets;
  private final String pointer;
  private final Utf8Scratch scratch = new Utf8Scratch();
  private final byte[] digits = new byte[MAX_LONG_LENGTH];

  HashEncoder(Encoding.Hash hash, String pointer) {
    this.hash = hash;
    buckets = new UnsignedModulus(hash.buckets());
    this.pointer = pointer;
  }

  @Override
  long encode(JsonCursor cursor, JsonToken token) throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("a string or an integer", pointer);
    }
    scratch.encode(cursor, pointer);
    if (token == JsonToken.VALUE_NUMBER_INT && scratch.isMinusZero()) {
      return ofInteger(0);
    }
    return ofText(scratch.bytes, 0, scratch.length);
  }

  @Override
  long ofInteger(long value) {
    int at = digits.length;
    long rest = value;
    do {
      digits[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (value < 0) {
      digits[--at] = '-';
    }
    return ofText(digits, at, digits.length);
  }

  @Override
  long ofUnsigned(long bits) {
    byte[] text = Long.toUnsignedString(bits).getBytes(US_ASCII);
    return ofText(text, 0, text.length);
  }

  @Override
  long ofText(byte[] utf8, int from, int to) {
    int bits = MurmurHash3.hash32x86(utf8, from, to - from, hash.seed());
    return buckets.of(Integer.toUnsignedLong(bits)) + hash.offset();
  }
}
