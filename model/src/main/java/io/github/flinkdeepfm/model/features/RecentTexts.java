package io.github.flinkdeepfm.model.features;

import java.util.Arrays;

/** Gives one array for equal short texts, labels above all. */
final class RecentTexts {
  private static final int RECENT = 16;
  private static final int MAX_KEPT = 32;

  /** By length and last byte. */
  private final byte[][] recent = new byte[RECENT][];

  /** The bytes [from, to), of which there is one at least, as an array of their own. */
  byte[] of(byte[] bytes, int from, int to) {
    int slot = (bytes[to - 1] + to - from) & (RECENT - 1);
    byte[] text = recent[slot];
    if (text != null && Arrays.equals(text, 0, text.length, bytes, from, to)) {
      return text;
    }
    text = Arrays.copyOfRange(bytes, from, to);
    if (text.length <= MAX_KEPT) {
      recent[slot] = text;
    }
    return text;
  }
}
