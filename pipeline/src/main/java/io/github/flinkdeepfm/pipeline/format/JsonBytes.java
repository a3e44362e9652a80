package io.github.flinkdeepfm.pipeline.format;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * A reused buffer of JSON text in UTF-8. It writes what it is told: separators and nesting are its
 * caller's.
 */
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[512];
  private int length;

  JsonBytes clear() {
    length = 0;
    return this;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  /** ASCII that is JSON already: names, separators, brackets. */
  @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) copies ASCII without a buffer
  JsonBytes raw(String ascii) {
    int n = ascii.length();
    reserve(n);
    ascii.getBytes(0, n, bytes, length);
    length += n;
    return this;
  }

  /** Bytes that are JSON already. */
  JsonBytes raw(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  JsonBytes number(long value) {
    if (value < 0) {
      return raw(Long.toString(value));
    }
    int digits = 1;
    for (long rest = value; rest > 9; rest /= 10) {
      digits++;
    }
    reserve(digits);
    length += digits;
    long rest = value;
    for (int at = length; digits > 0; digits--) {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return this;
  }

  /**
   * The shortest decimal that reads back as the same float.
   *
   * @param value finite
   */
  JsonBytes number(float value) {
    return raw(
        NumberOutput.toString(value, true)); // Float.toString of Java 17 takes thrice as long
  }

  /** A quoted string. A surrogate without its partner has no UTF-8 and is escaped. */
  JsonBytes string(String value) {
    int n = value.length();
    reserve(6L * n + 2); // the longest escape of one char
    bytes[length++] = '"';
    for (int i = 0; i < n; i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        ascii(c);
      } else if (c < 0x800) {
        bytes[length++] = (byte) (0xC0 | (c >> 6));
        bytes[length++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        bytes[length++] = (byte) (0xE0 | (c >> 12));
        bytes[length++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        bytes[length++] = (byte) (0x80 | (c & 0x3F));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < n
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        int point = Character.toCodePoint(c, value.charAt(++i));
        bytes[length++] = (byte) (0xF0 | (point >> 18));
        bytes[length++] = (byte) (0x80 | ((point >> 12) & 0x3F));
        bytes[length++] = (byte) (0x80 | ((point >> 6) & 0x3F));
        bytes[length++] = (byte) (0x80 | (point & 0x3F));
      } else {
        escape(c);
      }
    }
    bytes[length++] = '"';
    return this;
  }

  /** The first {@code count} bytes as a quoted base64 string (RFC 4648, with padding). */
  JsonBytes base64(byte[] value, int count) {
    byte[] cut = count == value.length ? value : Arrays.copyOf(value, count);
    return raw("\"").raw(Base64.getEncoder().encode(cut)).raw("\"");
  }

  private void ascii(char c) {
    if (c == '"' || c == '\\') {
      bytes[length++] = '\\';
      bytes[length++] = (byte) c;
    } else if (c < 0x20 || c == 0x7F) {
      escape(c);
    } else {
      bytes[length++] = (byte) c;
    }
  }

  private void escape(char c) {
    bytes[length++] = '\\';
    bytes[length++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[length++] = HEX[(c >> shift) & 0xF];
    }
  }

  private void reserve(long more) {
    long needed = length + more;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, 2L * bytes.length)));
    }
  }
}
