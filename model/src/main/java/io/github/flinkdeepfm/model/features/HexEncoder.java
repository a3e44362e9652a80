package io.github.flinkdeepfm.model.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** {@link Encoding.Hex}: up to 64 bits in hexadecimal, as Criteo's categories are written. */
final class HexEncoder extends IdEncoder {
  private static final int MAX_DIGITS = 16;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final byte[] DIGITS = digits();

  private final long divisor;
  private final UnsignedModulus rows;
  private final boolean wraps;

  HexEncoder(Encoding.Hex hex, long rows, String pointer) {
    super(pointer);
    divisor = rows;
    this.rows = new UnsignedModulus(rows);
    wraps = hex.width() == Integer.SIZE;
  }

  @Override
  String expected() {
    return "a string of hexadecimal digits";
  }

  @Override
  boolean takesText() {
    return true;
  }

  @Override
  long ofText(byte[] utf8, int from, int to) {
    int n = to - from;
    if (n == 0 || n > MAX_DIGITS) {
      return REFUSED;
    }
    long value = 0;
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      long word = (long) WORDS.get(utf8, i);
      if (!isHex(word)) {
        return REFUSED;
      }
      value = (value << Integer.SIZE) | valueOf(word);
    }
    int all = 0;
    for (; i < to; i++) {
      int digit = digit(utf8[i]);
      all |= digit;
      value = (value << 4) | digit;
    }
    if (all < 0) {
      return REFUSED;
    }
    return wraps ? Math.floorMod((long) (int) value, divisor) : rows.of(value);
  }

  /**
   * Whether all eight bytes are hexadecimal digits; compares by the carry into a byte's high bit.
   */
  private static boolean isHex(long word) {
    long lower = word | (ONES * 0x20);
    long digits = (word + ONES * (0x80 - '0')) & ~(word + ONES * (0x80 - '9' - 1));
    long letters = (lower + ONES * (0x80 - 'a')) & ~(lower + ONES * (0x80 - 'f' - 1));
    return ((digits | letters) & ~word & HIGH_BITS) == HIGH_BITS;
  }

  /** The value of eight digits, the first of them in the lowest byte. */
  private static long valueOf(long word) {
    long nibbles = (word & (ONES * 0x0F)) + 9 * ((word >>> 6) & ONES); // letters have bit 6
    long value = Long.reverseBytes(nibbles);
    value = (value | (value >>> 4)) & 0x00FF_00FF_00FF_00FFL;
    value = (value | (value >>> 8)) & 0x0000_FFFF_0000_FFFFL;
    return (value | (value >>> 16)) & 0xFFFF_FFFFL;
  }

  /** -1 if it is none. {@link Character#digit} would take the digits of other scripts too. */
  static int digit(byte b) {
    return b < 0 ? -1 : DIGITS[b];
  }

  @Override
  RejectedEventException refusedText(String text) {
    return reject(DeadLetterReason.BAD_HEX, "1 to 16 hexadecimal digits", quoted(text), "");
  }

  private static byte[] digits() {
    byte[] digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < 16; i++) {
      digits["0123456789abcdef".charAt(i)] = (byte) i;
      digits["0123456789ABCDEF".charAt(i)] = (byte) i;
    }
    return digits;
  }
}
