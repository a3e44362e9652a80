package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * A field name as it stands in an event when nothing in it is escaped: with its quotes, the colon
 * right behind it and perhaps the comma right before it.
 */
final class QuotedName {
  private final byte[] quoted;
  private final long firstWord;
  private final long firstMask;

  /** In bytes. */
  final int length;

  private QuotedName(byte[] quoted) {
    this.quoted = quoted;
    length = quoted.length;
    long word = 0;
    long mask = 0;
    for (int i = Math.min(Long.BYTES, quoted.length) - 1; i >= 0; i--) {
      word = word << 8 | (quoted[i] & 0xFF);
      mask = mask << 8 | 0xFF;
    }
    firstWord = word;
    firstMask = mask;
  }

  /** Whether {@code name} can stand in an event without an escape. */
  static boolean isPlain(String name) {
    char[] chars = name.toCharArray();
    boolean plain = Utf8.length(chars, 0, chars.length) != Utf8.UNPAIRED;
    for (char c : chars) {
      plain &= c >= ' ' && c != '"' && c != '\\';
    }
    return plain;
  }

  /** Of an object's first field, or behind white space. */
  static QuotedName of(String name) {
    return new QuotedName(('"' + name + "\":").getBytes(UTF_8));
  }

  /** Of a later field. */
  static QuotedName withComma(String name) {
    return new QuotedName((",\"" + name + "\":").getBytes(UTF_8));
  }

  /** Whether its first eight bytes, or all if it is shorter, are those of a little-endian word. */
  boolean startsLike(long word) {
    return ((word ^ firstWord) & firstMask) == 0;
  }

  /** Whether {@link #startsLike} has seen all of it. */
  boolean isWord() {
    return length <= Long.BYTES;
  }

  boolean isAt(byte[] bytes, int from, int end) {
    return from + length <= end && Arrays.equals(bytes, from, from + length, quoted, 0, length);
  }
}
