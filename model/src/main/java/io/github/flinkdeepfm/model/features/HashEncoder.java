package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.apache.commons.codec.digest.MurmurHash3;

/** {@link Encoding.Hash}: a string by its UTF-8 bytes, an integer by its decimal text. */
final class HashEncoder extends IntegerEncoder {
  private static final int MAX_LONG_LENGTH = 20;

  private final int seed;
  private final long offset;
  private final UnsignedModulus buckets;
  private final Encoding.Hash hash;
  private final boolean unsigned;
  private final byte[] digits = new byte[MAX_LONG_LENGTH];

  HashEncoder(Encoding.Hash hash, String pointer) {
    super(hash.accept(), pointer);
    this.hash = hash;
    seed = hash.seed();
    offset = hash.offset();
    buckets = new UnsignedModulus(hash.buckets());
    unsigned = hash.signedness() == Encoding.Signedness.UNSIGNED;
  }

  @Override
  String integers() {
    return "a string or an integer";
  }

  @Override
  boolean takesText() {
    return true;
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
    return ofBytes(digits, at, digits.length);
  }

  @Override
  long ofLarge(String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    return ofBytes(bytes, 0, bytes.length);
  }

  @Override
  long ofText(byte[] utf8, int from, int to) {
    if (accept.strings() && to - from == 2 && utf8[from] == '-' && utf8[from + 1] == '0') {
      return ofInteger(0); // the only integer with two texts
    }
    return ofBytes(utf8, from, to);
  }

  private long ofBytes(byte[] bytes, int from, int to) {
    int bits = MurmurHash3.hash32x86(bytes, from, to - from, seed);
    return (unsigned ? buckets.of(Integer.toUnsignedLong(bits)) : ofSigned(bits)) + offset;
  }

  private long ofSigned(int bits) {
    return hash.signedness() == Encoding.Signedness.ABS
        ? buckets.of(Math.abs((long) bits))
        : Math.floorMod((long) bits, hash.buckets());
  }
}
