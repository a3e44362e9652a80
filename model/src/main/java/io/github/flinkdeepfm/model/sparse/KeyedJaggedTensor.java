package io.github.flinkdeepfm.model.sparse;

import java.util.List;

/** Placeholder body: see the class's own task. */
public final class KeyedJaggedTensor {
  private final List<String> keys;
  private final long[] values;
  private final int[] offsets;
  private final float[] weights;

  private KeyedJaggedTensor(List<String> keys, long[] values, int[] offsets, float[] weights) {
    this.keys = List.copyOf(keys);
    this.values = values;
    this.offsets = offsets;
    this.weights = weights;
  }

  /** Wraps without copying or checking; for builders that reuse their arrays. */
  public static KeyedJaggedTensor ofTrusted(
      List<String> keys, long[] values, int[] offsets, float[] weights) {
    return new KeyedJaggedTensor(keys, values, offsets, weights);
  }

  public List<String> keys() {
    return keys;
  }

  public long[] values() {
    return values;
  }

  public int[] offsets() {
    return offsets;
  }

  /** Null if not weighted. */
  public float[] weightsOrNull() {
    return weights;
  }

  public int stride() {
    return keys.isEmpty() ? 0 : (offsets.length - 1) / keys.size();
  }
}
