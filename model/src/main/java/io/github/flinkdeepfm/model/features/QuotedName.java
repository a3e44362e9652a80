package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** A field name as it stands in an event when nothing in it is escaped, quotes included. */
final class QuotedName {
  private final byte[] quoted;
  private final long firstWord;
  private final long firstMask;

  private QuotedName(byte[] quoted) {
    this.quoted = quoted;
    long word = 0;
    long mask = 0;
    for (int i = Math.min(Long.BYTES, quoted.length) - 1; i >= 0; i--) {
      word = word << 8 | (quoted[i] & 0xFF);
      mask = mask << 8 | 0xFF;
    }
    firstWord = word;
    firstMask = mask;
  }

  /** Null if {@code name} never stands in an event without an escape. */
  static QuotedName of(String name) {
    char[] chars = name.toCharArray();
    boolean plain = Utf8.length(chars, 0, chars.length) != Utf8.UNPAIRED;
    for (char c : chars) {
      plain &= c >= ' ' && c != '"' && c != '\\';
    }
    return plain ? new QuotedName(('"' + name + '"').getBytes(UTF_8)) : null;
  }

  /** In bytes, with both quotes. */
  int length() {
    return quoted.length;
  }

  /** Whether its first eight bytes, or all if it is shorter, are those of a little-endian word. */
  boolean startsLike(long word) {
    return ((word ^ firstWord) & firstMask) == 0;
  }

  /** Whether {@link #startsLike} has seen all of it. */
  boolean isWord() {
    return quoted.length <= Long.BYTES;
  }

  boolean isAt(byte[] bytes, int from, int end) {
    return from + quoted.length <= end
        && Arrays.equals(bytes, from, from + quoted.length, quoted, 0, quoted.length);
  }

  /** Without the quotes. */
  byte[] name() {
    return Arrays.copyOfRange(quoted, 1, quoted.length - 1);
  }
}
