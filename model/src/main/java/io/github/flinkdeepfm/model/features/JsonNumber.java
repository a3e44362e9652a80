package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.io.NumberInput;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The number that was scanned last: (-1)^negative · digits · 10^exponent. Reused for all numbers.
 *
 * <p>A double is the nearest one, ties to even, as {@link Double#parseDouble} gives it. Where
 * digits and the power of ten are both exact doubles, one multiplication or division rounds once,
 * and that is it (W. D. Clinger, How to read floating point numbers accurately, 1990); all others
 * are left to Jackson.
 */
final class JsonNumber {
  /** {@link #scan} of what is no number, or a longer one than is read here. */
  static final int NONE = -1;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final long ZEROS = ONES * '0';
  private static final long ABOVE_NINE = ONES * (0x80 - 10);

  /** 10^0 … 10^22 are exact doubles. */
  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private static final long MAX_EXACT_DIGITS = 1L << 53;
  private static final int MAX_DIGITS = 19;
  private static final int MAX_LENGTH = 64;
  private static final int MAX_EXPONENT_LENGTH = 4;

  private final char[] text = new char[MAX_LENGTH];
  private byte[] bytes;
  private int from;
  private int to;
  private Kind kind;
  private long value;
  private boolean negative;
  private long digits;
  private int exponent;

  private enum Kind {
    /** {@link #value}; the other fields are not set. */
    LONG,
    LARGE_INTEGER,
    /** (-1)^negative · digits · 10^exponent. */
    DECIMAL,
    LONG_DECIMAL
  }

  /**
   * Scans the JSON number (RFC 8259, section 6) at {@code from}.
   *
   * @param bytes some byte behind the number is none of a number
   * @return where it ends, or {@link #NONE}
   */
  int scan(byte[] bytes, int from) {
    if (from + Long.BYTES <= bytes.length) {
      int end = scanShortInteger(bytes, from);
      if (end != NONE) {
        return end;
      }
    }
    return scanAny(bytes, from);
  }

  /**
   * An integer of 1 to 7 digits without sign, in one word and without a loop, whose end the
   * processor would guess wrongly as often as lengths vary; {@link #NONE} for all else.
   */
  private int scanShortInteger(byte[] bytes, int from) {
    long word = (long) WORDS.get(bytes, from) ^ ZEROS; // a digit's byte is now its value
    long others =
        (word | (word + ABOVE_NINE)) & HIGH_BITS; // right up to the first byte that is set
    int bits = Long.numberOfTrailingZeros(others) & ~7;
    if (bits == 0 || bits == Long.SIZE || (bits > 8 && (word & 0xFF) == 0)) {
      return NONE;
    }
    int end = from + (bits >>> 3);
    byte next = bytes[end];
    if (next == '.' || next == 'e' || next == 'E') {
      return NONE;
    }
    word <<= Long.SIZE - bits; // leading zeros: eight digits, the first in the lowest byte
    word = word * 10 + (word >>> 8); // pairs
    long upper = (word & 0x0000_00FF_0000_00FFL) * 0x000F_4240_0000_0064L;
    long lower = ((word >>> 16) & 0x0000_00FF_0000_00FFL) * 0x0000_2710_0000_0001L;
    value = (upper + lower) >>> 32;
    kind = Kind.LONG;
    return end;
  }

  private int scanAny(byte[] bytes, int from) {
    int i = from;
    boolean minus = bytes[i] == '-';
    if (minus) {
      i++;
    }
    int first = i;
    long w = 0;
    for (int d = bytes[i] - '0'; d >= 0 && d <= 9; d = bytes[i] - '0') {
      w = w * 10 + d;
      i++;
    }
    int count = i - first;
    if (count == 0 || (count > 1 && bytes[first] == '0')) {
      return NONE;
    }
    boolean whole = true;
    int power = 0;
    if (bytes[i] == '.') {
      int point = i++;
      for (int d = bytes[i] - '0'; d >= 0 && d <= 9; d = bytes[i] - '0') {
        w = w * 10 + d;
        i++;
      }
      power = point + 1 - i;
      if (power == 0) {
        return NONE;
      }
      count -= power;
      whole = false;
    }
    if ((bytes[i] | 0x20) == 'e') {
      i++;
      boolean down = bytes[i] == '-';
      if (down || bytes[i] == '+') {
        i++;
      }
      int start = i;
      int e = 0;
      for (int d = bytes[i] - '0'; d >= 0 && d <= 9; d = bytes[i] - '0') {
        e = e * 10 + d;
        i++;
      }
      if (i == start || i - start > MAX_EXPONENT_LENGTH) {
        return NONE;
      }
      power += down ? -e : e;
      whole = false;
    }
    if (i - from > MAX_LENGTH) {
      return NONE;
    }
    this.bytes = bytes;
    this.from = from;
    to = i;
    boolean exact = count <= MAX_DIGITS && w >= 0; // 19 digits fit 64 bits unsigned
    if (whole && exact) {
      kind = Kind.LONG;
      value = minus ? -w : w;
      return i;
    }
    kind = whole ? Kind.LARGE_INTEGER : exact ? Kind.DECIMAL : Kind.LONG_DECIMAL;
    negative = minus;
    digits = w;
    exponent = power;
    return i;
  }

  /** Whether it is an integer, that is without fraction and exponent, and {@link #longValue} it. */
  boolean isLong() {
    return kind == Kind.LONG;
  }

  boolean isInteger() {
    return kind == Kind.LONG || kind == Kind.LARGE_INTEGER;
  }

  /**
   * Whether it has so few digits that {@link #doubleValue} is an integer, up to 2^53, only if the
   * number itself is.
   */
  boolean isExact() {
    return kind == Kind.DECIMAL && digits <= MAX_EXACT_DIGITS && exponent >= -22 && exponent <= 22;
  }

  long longValue() {
    return value;
  }

  double doubleValue() {
    if (kind == Kind.LONG) {
      return value; // -0 is the integer 0
    }
    if (isExact()) {
      double x = exponent < 0 ? digits / POWERS[-exponent] : digits * POWERS[exponent];
      return negative ? -x : x;
    }
    for (int i = from; i < to; i++) {
      text[i - from] = (char) bytes[i];
    }
    return NumberInput.parseDouble(text, 0, to - from, true);
  }

  /**
   * Its thousandfold, rounded down.
   *
   * @return -1 if it is negative, or out of reach here
   */
  long floorThousandfold() {
    if (kind == Kind.LONG) {
      return value < 0 || value > Long.MAX_VALUE / 1000 ? -1 : value * 1000;
    }
    int shift = exponent + 3;
    if (kind != Kind.DECIMAL || negative || shift < -18 || shift > 3) {
      return -1;
    }
    long power = (long) POWERS[Math.abs(shift)];
    if (shift < 0) {
      return digits / power;
    }
    return digits > Long.MAX_VALUE / power ? -1 : digits * power;
  }
}
