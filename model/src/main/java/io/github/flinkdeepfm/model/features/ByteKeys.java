package io.github.flinkdeepfm.model.features;

import java.util.Arrays;

/** Byte strings, each with its place; found by a range of other bytes. An open-addressing table. */
public final class ByteKeys {
  /** {@link #find} of what is not there. */
  public static final int ABSENT = -1;

  private byte[][] keys = new byte[4][];
  private int[] places = new int[4];
  private int size;

  /**
   * @param key not there yet; kept, not copied
   */
  public void put(byte[] key, int place) {
    if (++size * 2 > keys.length) {
      grow();
    }
    int slot = slot(key, 0, key.length);
    keys[slot] = key;
    places[slot] = place;
  }

  /** The place of bytes[from, to), or {@link #ABSENT}. */
  public int find(byte[] bytes, int from, int to) {
    int slot = slot(bytes, from, to);
    return keys[slot] == null ? ABSENT : places[slot];
  }

  private int slot(byte[] bytes, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    hash *= 0x9E3779B9; // spreads short keys, whose hashes lie close together
    int mask = keys.length - 1;
    int slot = (hash ^ (hash >>> 16)) & mask;
    while (keys[slot] != null
        && !Arrays.equals(keys[slot], 0, keys[slot].length, bytes, from, to)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    byte[][] oldKeys = keys;
    int[] oldPlaces = places;
    keys = new byte[oldKeys.length * 2][];
    places = new int[oldKeys.length * 2];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != null) {
        int slot = slot(oldKeys[i], 0, oldKeys[i].length);
        keys[slot] = oldKeys[i];
        places[slot] = oldPlaces[i];
      }
    }
  }
}
