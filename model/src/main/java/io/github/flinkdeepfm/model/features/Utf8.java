package io.github.flinkdeepfm.model.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /** Whether all bytes are well-formed UTF-8; ASCII is looked at eight bytes at a time. */
  static boolean isValid(byte[] bytes) {
    int i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
      if (((long) LONGS.get(bytes, i) & HIGH_BITS) != 0) {
        break;
      }
    }
    while (i < bytes.length) {
      if (bytes[i] >= 0) {
        i++;
        continue;
      }
      int length = sequence(bytes, i);
      if (length == 0) {
        return false;
      }
      i += length;
    }
    return true;
  }

  /** Bytes of the well-formed sequence that starts at {@code i} above ASCII; 0 if there is none. */
  private static int sequence(byte[] bytes, int i) {
    int lead = bytes[i] & 0xff;
    int second = at(bytes, i + 1);
    if (lead >= 0xc2 && lead <= 0xdf) {
      return isTail(second) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
      int low = lead == 0xe0 ? 0xa0 : 0x80;
      int high = lead == 0xed ? 0x9f : 0xbf;
      return second >= low && second <= high && isTail(at(bytes, i + 2)) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
      int low = lead == 0xf0 ? 0x90 : 0x80;
      int high = lead == 0xf4 ? 0x8f : 0xbf;
      boolean valid = second >= low && second <= high;
      return valid && isTail(at(bytes, i + 2)) && isTail(at(bytes, i + 3)) ? 4 : 0;
    }
    return 0;
  }

  private static int at(byte[] bytes, int i) {
    return i < bytes.length ? bytes[i] & 0xff : 0;
  }

  private static boolean isTail(int b) {
    return (b & 0xc0) == 0x80;
  }

  /** Whether every surrogate among the characters stands in a pair. */
  static boolean isPaired(char[] chars, int offset, int length) {
    for (int i = offset, end = offset + length; i < end; i++) {
      if (Character.isSurrogate(chars[i])) {
        boolean pair =
            Character.isHighSurrogate(chars[i])
                && i + 1 < end
                && Character.isLowSurrogate(chars[i + 1]);
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /**
   * Encodes characters whose surrogates are paired.
   *
   * @param out room for 3 bytes a character
   * @return bytes written
   */
  static int encode(char[] chars, int offset, int length, byte[] out) {
    int n = 0;
    for (int i = offset, end = offset + length; i < end; i++) {
      int c = chars[i];
      if (c < 0x80) {
        out[n++] = (byte) c;
      } else if (c < 0x800) {
        out[n++] = (byte) (0xc0 | c >> 6);
        out[n++] = (byte) (0x80 | c & 0x3f);
      } else if (Character.isHighSurrogate((char) c)) {
        int point = Character.toCodePoint((char) c, chars[++i]);
        out[n++] = (byte) (0xf0 | point >> 18);
        out[n++] = (byte) (0x80 | point >> 12 & 0x3f);
        out[n++] = (byte) (0x80 | point >> 6 & 0x3f);
        out[n++] = (byte) (0x80 | point & 0x3f);
      } else {
        out[n++] = (byte) (0xe0 | c >> 12);
        out[n++] = (byte) (0x80 | c >> 6 & 0x3f);
        out[n++] = (byte) (0x80 | c & 0x3f);
      }
    }
    return n;
  }
}
