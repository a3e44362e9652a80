package io.github.flinkdeepfm.model.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** UTF-8 (RFC 3629): strict checking of bytes, encoding of chars without a String. */
public final class Utf8 {
  /** {@link #findInvalid} of valid bytes. */
  static final int VALID = -1;

  /** {@link #encode} of chars with an unpaired surrogate. */
  static final int UNPAIRED = -1;

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;

  private Utf8() {}

  /**
   * Where the first byte from {@code from} on lies that is NUL or does not belong to well-formed
   * UTF-8 (overlong forms, surrogates and code points above 10FFFF are not), or {@link #VALID}.
   */
  static int findInvalid(byte[] bytes, int from) {
    int i = from;
    int length = bytes.length;
    while (i < length) {
      // 32 bytes at once, then eight, while all are ASCII: subtracting 1 sets the high bit of a NUL
      // only.
      while (i + 4 * Long.BYTES <= length) {
        long a = (long) WORDS.get(bytes, i);
        long b = (long) WORDS.get(bytes, i + Long.BYTES);
        long c = (long) WORDS.get(bytes, i + 2 * Long.BYTES);
        long d = (long) WORDS.get(bytes, i + 3 * Long.BYTES);
        long some = a | b | c | d | (a - ONES) | (b - ONES) | (c - ONES) | (d - ONES);
        if ((some & HIGH_BITS) != 0) {
          break;
        }
        i += 4 * Long.BYTES;
      }
      while (i + Long.BYTES <= length) {
        long word = (long) WORDS.get(bytes, i);
        if (((word | (word - ONES)) & HIGH_BITS) != 0) {
          break;
        }
        i += Long.BYTES;
      }
      if (length - i < Long.BYTES
          && length - from >= Long.BYTES) { // the last ones, with some before them
        long word = (long) WORDS.get(bytes, length - Long.BYTES);
        if (((word | (word - ONES)) & HIGH_BITS) == 0) {
          return VALID;
        }
      }
      int stop = Math.min(length, i + Long.BYTES);
      while (i < stop) {
        int n = sequenceLength(bytes, i);
        if (n == 0) {
          return i;
        }
        i += n;
      }
    }
    return VALID;
  }

  /** Whether bytes[from, to) are well-formed UTF-8, in which NUL is a character like others. */
  public static boolean isText(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      if (i + Long.BYTES <= to && ((long) WORDS.get(bytes, i) & HIGH_BITS) == 0) {
        i += Long.BYTES;
      } else if (bytes[i] >= 0) {
        i++;
      } else {
        int n = sequenceLength(bytes, i);
        if (n == 0 || i + n > to) {
          return false;
        }
        i += n;
      }
    }
    return true;
  }

  /** Bytes of the well-formed sequence at {@code i}; 0 if there is none, or a NUL. */
  private static int sequenceLength(byte[] bytes, int i) {
    int lead = bytes[i];
    if (lead > 0) {
      return 1;
    }
    lead &= 0xFF;
    int left = bytes.length - i;
    if (lead >= 0xC2 && lead <= 0xDF) {
      return left >= 2 && isTail(bytes[i + 1]) ? 2 : 0;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      if (left < 3 || !isTail(bytes[i + 1]) || !isTail(bytes[i + 2])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xFF;
      return (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
      if (left < 4 || !isTail(bytes[i + 1]) || !isTail(bytes[i + 2]) || !isTail(bytes[i + 3])) {
        return 0;
      }
      int second = bytes[i + 1] & 0xFF;
      return (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F) ? 0 : 4;
    }
    return 0;
  }

  private static boolean isTail(byte b) {
    return (b & 0xC0) == 0x80;
  }

  /**
   * Encodes chars[from, from + n) to the start of {@code out}.
   *
   * @param out at least 3 n bytes
   * @return bytes written, or {@link #UNPAIRED}
   */
  static int encode(char[] chars, int from, int n, byte[] out) {
    int size = 0;
    for (int i = from; i < from + n; i++) {
      int c = chars[i];
      if (c < 0x80) {
        out[size++] = (byte) c;
      } else if (c < 0x800) {
        out[size++] = (byte) (0xC0 | (c >> 6));
        out[size++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate((char) c)) {
        out[size++] = (byte) (0xE0 | (c >> 12));
        out[size++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        out[size++] = (byte) (0x80 | (c & 0x3F));
      } else if (Character.isHighSurrogate((char) c)
          && i + 1 < from + n
          && Character.isLowSurrogate(chars[i + 1])) {
        c = Character.toCodePoint((char) c, chars[++i]);
        out[size++] = (byte) (0xF0 | (c >> 18));
        out[size++] = (byte) (0x80 | ((c >> 12) & 0x3F));
        out[size++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        out[size++] = (byte) (0x80 | (c & 0x3F));
      } else {
        return UNPAIRED;
      }
    }
    return size;
  }

  /** Bytes that chars[from, from + n) take, or {@link #UNPAIRED}. */
  static int length(char[] chars, int from, int n) {
    int size = n;
    for (int i = from; i < from + n; i++) {
      char c = chars[i];
      if (c < 0x80) {
        continue;
      }
      if (!Character.isSurrogate(c)) {
        size += c < 0x800 ? 1 : 2;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < from + n
          && Character.isLowSurrogate(chars[i + 1])) {
        size += 2;
        i++;
      } else {
        return UNPAIRED;
      }
    }
    return size;
  }
}
