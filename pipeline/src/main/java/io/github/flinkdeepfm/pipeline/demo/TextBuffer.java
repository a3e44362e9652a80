package io.github.flinkdeepfm.pipeline.demo;

import java.util.Arrays;

/** A reused buffer of ASCII text; growing is its only allocation. */
final class TextBuffer {
  private byte[] bytes = new byte[2048];
  private int length;

  void clear() {
    length = 0;
  }

  void put(byte[] text) {
    put(text, 0, text.length);
  }

  void put(byte[] text, int from, int to) {
    int count = to - from;
    reserve(count);
    System.arraycopy(text, from, bytes, length, count);
    length += count;
  }

  void put(char ascii) {
    reserve(1);
    bytes[length++] = (byte) ascii;
  }

  /**
   * Decimal digits.
   *
   * @param value at least 0
   */
  void put(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    reserve(digits);
    long rest = value;
    for (int i = length + digits - 1; i >= length; i--) {
      bytes[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    length += digits;
  }

  int length() {
    return length;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, 2 * bytes.length));
    }
  }
}
