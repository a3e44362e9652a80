package io.github.flinkdeepfm.model.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A list of id lists of different lengths, optionally a weight for each id (TorchRec {@code
 * JaggedTensor}).
 *
 * <pre>
 *   i = 0   i = 1   i = 2
 *   [0,1]    []      [2]
 *
 * values  = 0 1 2
 * lengths = 2 0 1
 * offsets = 0 2 2 3
 * </pre>
 *
 * <p>B slices. Every factory throws IllegalArgumentException if the counts do not fit together;
 * TorchRec finds that later or not at all.
 */
public final class JaggedTensor {
  private static final JaggedTensor EMPTY = new JaggedTensor(new long[0], null, new int[] {0});

  private final long[] values;
  private final float[] weights;
  private final int[] offsets;

  private JaggedTensor(long[] values, float[] weightsOrNull, int[] offsets) {
    JaggedLayout.checkCounts(offsets, values, weightsOrNull);
    this.values = values;
    this.weights = weightsOrNull;
    this.offsets = offsets;
  }

  /** No slices, no weights. */
  public static JaggedTensor empty() {
    return EMPTY;
  }

  /**
   * From slices given by where they begin and end.
   *
   * @param offsets [B + 1], ascending; only their differences count
   */
  public static JaggedTensor fromOffsets(long[] values, int[] offsets, float[] weightsOrNull) {
    return new JaggedTensor(values, weightsOrNull, JaggedLayout.fromZero(offsets));
  }

  public static JaggedTensor fromOffsets(long[] values, int[] offsets) {
    return fromOffsets(values, offsets, null);
  }

  /**
   * From slices given by their lengths.
   *
   * @param lengths [B]
   */
  public static JaggedTensor fromLengths(long[] values, int[] lengths, float[] weightsOrNull) {
    return new JaggedTensor(values, weightsOrNull, JaggedLayout.toOffsets(lengths));
  }

  public static JaggedTensor fromLengths(long[] values, int[] lengths) {
    return fromLengths(values, lengths, null);
  }

  /** One slice for each element. */
  public static JaggedTensor fromDense(List<long[]> values) {
    return fromLengths(concatIds(values), values.stream().mapToInt(v -> v.length).toArray());
  }

  /**
   * One slice for each element, with weights.
   *
   * @param weights as many, and each as long, as {@code values}
   */
  public static JaggedTensor fromDense(List<long[]> values, List<float[]> weights) {
    int[] lengths = values.stream().mapToInt(v -> v.length).toArray();
    int[] weightLengths = weights.stream().mapToInt(w -> w.length).toArray();
    if (!Arrays.equals(lengths, weightLengths)) {
      throw new IllegalArgumentException(
          "expected weights of the lengths "
              + Arrays.toString(lengths)
              + ", got "
              + Arrays.toString(weightLengths));
    }
    return fromLengths(concatIds(values), lengths, concatWeights(weights));
  }

  /** The first lengths[i] ids of each row i; the rest of a row is padding. */
  public static JaggedTensor fromDenseLengths(long[][] values, int[] lengths) {
    checkRows("values", values.length, lengths.length);
    List<long[]> heads = new ArrayList<>(lengths.length);
    for (int i = 0; i < lengths.length; i++) {
      checkWidth("values", i, values[i].length, lengths[i]);
      heads.add(Arrays.copyOf(values[i], lengths[i]));
    }
    return fromDense(heads);
  }

  /** The same with weights of the values' shape. */
  public static JaggedTensor fromDenseLengths(long[][] values, int[] lengths, float[][] weights) {
    checkRows("weights", weights.length, lengths.length);
    List<float[]> heads = new ArrayList<>(lengths.length);
    for (int i = 0; i < lengths.length; i++) {
      checkWidth("weights", i, weights[i].length, lengths[i]);
      heads.add(Arrays.copyOf(weights[i], lengths[i]));
    }
    return fromLengths(fromDenseLengths(values, lengths).values, lengths, concatWeights(heads));
  }

  private static void checkRows(String what, int rows, int expected) {
    if (rows != expected) {
      throw new IllegalArgumentException(
          "expected " + expected + " rows of " + what + " (one a length), got " + rows);
    }
  }

  private static void checkWidth(String what, int row, int width, int length) {
    if (length < 0 || length > width) {
      throw new IllegalArgumentException(
          "expected 0 <= length <= " + width + ", got " + length + " (" + what + "[" + row + "])");
    }
  }

  static long[] concatIds(List<long[]> parts) {
    return parts.stream().flatMapToLong(Arrays::stream).toArray();
  }

  static float[] concatWeights(List<float[]> parts) {
    float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Ids, slice after slice; not copied. */
  public long[] values() {
    return values;
  }

  /** [B] */
  public int[] lengths() {
    return JaggedLayout.toLengths(offsets);
  }

  /** [B + 1], from 0; not copied. */
  public int[] offsets() {
    return offsets;
  }

  /**
   * One weight a value; not copied.
   *
   * @throws IllegalStateException if there are none
   */
  public float[] weights() {
    if (weights == null) {
      throw new IllegalStateException("expected a weighted JaggedTensor, got one without weights");
    }
    return weights;
  }

  /** Null if not weighted. */
  public float[] weightsOrNull() {
    return weights;
  }

  /** One array a slice. */
  public List<long[]> toDense() {
    List<long[]> dense = new ArrayList<>(offsets.length - 1);
    for (int i = 0; i + 1 < offsets.length; i++) {
      dense.add(Arrays.copyOfRange(values, offsets[i], offsets[i + 1]));
    }
    return dense;
  }

  /** One array a slice, of its weights. */
  public List<float[]> toDenseWeights() {
    List<float[]> dense = new ArrayList<>(offsets.length - 1);
    for (int i = 0; i + 1 < offsets.length; i++) {
      dense.add(Arrays.copyOfRange(weights(), offsets[i], offsets[i + 1]));
    }
    return dense;
  }

  /** [B, longest slice], padded with 0. */
  public long[][] toPaddedDense() {
    return toPaddedDense(Arrays.stream(lengths()).max().orElse(0), 0);
  }

  /** [B, desiredLength]: longer slices are cut, shorter ones padded. */
  public long[][] toPaddedDense(int desiredLength, long paddingValue) {
    return toDense().stream()
        .map(
            slice -> {
              long[] row = Arrays.copyOf(slice, desiredLength);
              Arrays.fill(row, Math.min(slice.length, desiredLength), desiredLength, paddingValue);
              return row;
            })
        .toArray(long[][]::new);
  }

  /** [B, desiredLength] of the weights. */
  public float[][] toPaddedDenseWeights(int desiredLength, float paddingValue) {
    return toDenseWeights().stream()
        .map(
            slice -> {
              float[] row = Arrays.copyOf(slice, desiredLength);
              Arrays.fill(row, Math.min(slice.length, desiredLength), desiredLength, paddingValue);
              return row;
            })
        .toArray(float[][]::new);
  }

  /** As TorchRec prints it. */
  @Override
  public String toString() {
    int slices = offsets.length - 1;
    String ids = JaggedLayout.format(offsets, 0, slices, i -> Long.toString(values[i]));
    return weights == null
        ? "JaggedTensor({\n    " + ids + "\n})\n"
        : "JaggedTensor({\n    \"values\": "
            + ids
            + ",\n    \"weights\": "
            + JaggedLayout.format(offsets, 0, slices, i -> Float.toString(weights[i]))
            + "\n})\n";
  }
}
