package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.apache.commons.codec.digest.MurmurHash3;

/** {@link Encoding.Hash}: a string by its UTF-8 bytes, an integer by its decimal text. */
final class HashEncoder implements IdEncoder {
  private static final int SCRATCH_BYTES = 4096;

  private final Encoding.Hash hash;
  private final String pointer;
  private final byte[] scratch = new byte[SCRATCH_BYTES];

  HashEncoder(Encoding.Hash hash, String pointer) {
    this.hash = hash;
    this.pointer = pointer;
  }

  @Override
  public long encode(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("a string or an integer", pointer);
    }
    JsonParser parser = cursor.parser;
    char[] chars = parser.getTextCharacters();
    int from = parser.getTextOffset();
    int n = parser.getTextLength();
    if (token == JsonToken.VALUE_NUMBER_INT
        && n == 2
        && chars[from] == '-'
        && chars[from + 1] == '0') {
      from++; // -0 is the integer 0
      n--;
    }
    byte[] bytes = n <= SCRATCH_BYTES / 3 ? scratch : new byte[Math.multiplyExact(3, n)];
    int length = Utf8.encode(chars, from, n, bytes);
    if (length == Utf8.UNPAIRED) {
      throw cursor.unpairedSurrogate(pointer);
    }
    int bits = MurmurHash3.hash32x86(bytes, 0, length, hash.seed());
    return Integer.toUnsignedLong(bits) % hash.buckets() + hash.offset();
  }
}
