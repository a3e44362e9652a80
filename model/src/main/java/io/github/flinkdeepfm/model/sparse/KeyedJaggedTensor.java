package io.github.flinkdeepfm.model.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The ids of F features for B examples, optionally a weight for each id (TorchRec {@code
 * KeyedJaggedTensor}).
 *
 * <pre>
 *           i = 0   i = 1   i = 2     (batch)
 *   "f1"    [0,1]    []      [2]
 *   "f2"    [3]      [4]     [5,6,7]
 *
 * keys         = f1      f2
 * values       = 0 1 2   3 4 5 6 7    all bags of f1, then all bags of f2
 * lengths      = 2 0 1   1 1 3        [F·B]
 * offsets      = 0 2 2   3 4 5 8      [F·B + 1]
 * stride       = 3                    B
 * offsetPerKey = 0       3       8    [F + 1]
 * </pre>
 *
 * <p>A key may be given twice; the later one is found. The arrays are wrapped, not copied.
 */
public final class KeyedJaggedTensor {
  private static final KeyedJaggedTensor EMPTY =
      new KeyedJaggedTensor(List.of(), new long[0], new int[] {0}, null, 0);

  private final List<String> keys;
  private final long[] values;
  private final int[] offsets;
  private final float[] weights;
  private final int stride;

  private KeyedJaggedTensor(
      List<String> keys, long[] values, int[] offsets, float[] weights, int stride) {
    this.keys = List.copyOf(keys);
    this.values = values;
    this.offsets = offsets;
    this.weights = weights;
    this.stride = stride;
  }

  /**
   * Wraps without copying or checking; for builders that reuse their arrays.
   *
   * @param values may be longer than used: the last offset bounds it, as it does weights
   * @param offsets [F·B + 1] from 0
   */
  public static KeyedJaggedTensor ofTrusted(
      List<String> keys, long[] values, int[] offsets, float[] weights) {
    int stride = keys.isEmpty() ? 0 : (offsets.length - 1) / keys.size();
    return new KeyedJaggedTensor(keys, values, offsets, weights, stride);
  }

  /**
   * From bags given by where they begin and end.
   *
   * @param values ids, key-major
   * @param offsets [F·B + 1], ascending; only their differences count
   * @param weightsOrNull one a value
   * @throws IllegalArgumentException if the counts do not fit together
   */
  public static KeyedJaggedTensor fromOffsetsSync(
      List<String> keys, long[] values, int[] offsets, float[] weightsOrNull) {
    int[] fromZero = JaggedLayout.fromZero(offsets);
    int bags = fromZero.length - 1;
    if (keys.isEmpty() ? bags > 0 : bags % keys.size() != 0) {
      throw new IllegalArgumentException(
          "expected a multiple of " + keys.size() + " bags (one row a key), got " + bags);
    }
    JaggedLayout.checkCounts(fromZero, values, weightsOrNull);
    return ofTrusted(keys, values, fromZero, weightsOrNull);
  }

  public static KeyedJaggedTensor fromOffsetsSync(List<String> keys, long[] values, int[] offsets) {
    return fromOffsetsSync(keys, values, offsets, null);
  }

  /**
   * From bags given by their lengths.
   *
   * @param lengths [F·B], none negative
   * @throws IllegalArgumentException if the counts do not fit together
   */
  public static KeyedJaggedTensor fromLengthsSync(
      List<String> keys, long[] values, int[] lengths, float[] weightsOrNull) {
    return fromOffsetsSync(keys, values, JaggedLayout.toOffsets(lengths), weightsOrNull);
  }

  public static KeyedJaggedTensor fromLengthsSync(List<String> keys, long[] values, int[] lengths) {
    return fromLengthsSync(keys, values, lengths, null);
  }

  /**
   * One key for each entry, in the map's order.
   *
   * @throws IllegalArgumentException unless all have the same B, and all or none have weights
   */
  public static KeyedJaggedTensor fromJtDict(Map<String, JaggedTensor> tensors) {
    return tensors.isEmpty()
        ? EMPTY
        : concat(
            tensors.entrySet().stream()
                .map(
                    e ->
                        fromOffsetsSync(
                            List.of(e.getKey()),
                            e.getValue().values(),
                            e.getValue().offsets(),
                            e.getValue().weightsOrNull()))
                .toList());
  }

  /** No keys. */
  public static KeyedJaggedTensor empty() {
    return EMPTY;
  }

  /**
   * The keys of all, one after another.
   *
   * @throws IllegalArgumentException unless all have the same B, and all or none have weights
   */
  public static KeyedJaggedTensor concat(List<KeyedJaggedTensor> tensors) {
    if (tensors.isEmpty()) {
      throw new IllegalArgumentException("expected at least one KeyedJaggedTensor, got none");
    }
    KeyedJaggedTensor first = tensors.get(0);
    for (KeyedJaggedTensor tensor : tensors) {
      if (tensor.stride != first.stride) {
        throw new IllegalArgumentException(
            "expected one stride for all, got " + first.stride + " and " + tensor.stride);
      }
      if ((tensor.weights == null) != (first.weights == null)) {
        throw new IllegalArgumentException(
            "expected weights on all or none, got weighted and unweighted tensors");
      }
    }
    return assembled(
        tensors.stream().flatMap(t -> t.keys.stream()).toList(),
        tensors.stream().flatMap(t -> IntStream.range(0, t.keys.size()).mapToObj(t::row)).toList(),
        first.weights != null,
        first.stride);
  }

  private static KeyedJaggedTensor assembled(
      List<String> keys, List<JaggedTensor> rows, boolean weighted, int stride) {
    int[] lengths = rows.stream().flatMapToInt(r -> Arrays.stream(r.lengths())).toArray();
    return new KeyedJaggedTensor(
        keys,
        JaggedTensor.concatIds(rows.stream().map(JaggedTensor::values).toList()),
        JaggedLayout.toOffsets(lengths),
        weighted
            ? JaggedTensor.concatWeights(rows.stream().map(JaggedTensor::weights).toList())
            : null,
        stride);
  }

  public List<String> keys() {
    return keys;
  }

  /** Ids, key-major; used up to the last offset. Not copied. */
  public long[] values() {
    return values;
  }

  /** [F·B + 1] from 0; not copied. */
  public int[] offsets() {
    return offsets;
  }

  /** [F·B] */
  public int[] lengths() {
    return JaggedLayout.toLengths(offsets);
  }

  /**
   * One weight a value; not copied.
   *
   * @throws IllegalStateException if there are none
   */
  public float[] weights() {
    if (weights == null) {
      throw new IllegalStateException(
          "expected a weighted KeyedJaggedTensor, got one without weights");
    }
    return weights;
  }

  /** Null if not weighted. */
  public float[] weightsOrNull() {
    return weights;
  }

  /** B. */
  public int stride() {
    return stride;
  }

  /** [F]: ids of each key. */
  public int[] lengthPerKey() {
    return JaggedLayout.toLengths(offsetPerKey());
  }

  /** [F + 1]: where the ids of each key begin, and the end. */
  public int[] offsetPerKey() {
    return IntStream.rangeClosed(0, keys.size()).map(f -> offsets[f * stride]).toArray();
  }

  /**
   * The position of the key; of the last one, if it was given twice.
   *
   * @throws NoSuchElementException if there is none
   */
  public int indexOf(String key) {
    int index = keys.lastIndexOf(key);
    if (index < 0) {
      throw new NoSuchElementException("expected one of the keys " + keys + ", got " + key);
    }
    return index;
  }

  /**
   * The keys at these positions, in this order; a position may repeat or be left out.
   *
   * @throws IndexOutOfBoundsException if a position is none of a key
   */
  public KeyedJaggedTensor permute(int... indices) {
    return assembled(
        Arrays.stream(indices).mapToObj(keys::get).toList(),
        Arrays.stream(indices).mapToObj(this::row).toList(),
        weights != null,
        stride);
  }

  /**
   * The first segments[0] keys, the next segments[1] keys, and so on.
   *
   * @throws IllegalArgumentException if a segment is negative or they take more keys than there are
   */
  public List<KeyedJaggedTensor> split(int... segments) {
    List<KeyedJaggedTensor> parts = new ArrayList<>(segments.length);
    int from = 0;
    for (int segment : segments) {
      if (segment < 0 || segment > keys.size() - from) {
        throw new IllegalArgumentException(
            "expected segments of together at most "
                + keys.size()
                + " keys, got "
                + Arrays.toString(segments));
      }
      parts.add(permute(IntStream.range(from, from + segment).toArray()));
      from += segment;
    }
    return parts;
  }

  /**
   * A copy of one key's bags, with offsets from 0.
   *
   * @throws NoSuchElementException if there is no such key
   */
  public JaggedTensor get(String key) {
    return row(indexOf(key));
  }

  private JaggedTensor row(int index) {
    int from = index * stride;
    int to = from + stride;
    return JaggedTensor.fromOffsets(
        Arrays.copyOfRange(values, offsets[from], offsets[to]),
        JaggedLayout.shifted(offsets, from, to + 1),
        weights == null ? null : Arrays.copyOfRange(weights, offsets[from], offsets[to]));
  }

  /** Each key's bags, in the order of the keys. */
  public Map<String, JaggedTensor> toDict() {
    Map<String, JaggedTensor> dict = new LinkedHashMap<>();
    keys.forEach(key -> dict.put(key, get(key)));
    return dict;
  }

  /** The ragged grid, as TorchRec prints it. */
  @Override
  public String toString() {
    return keys.isEmpty()
        ? "KeyedJaggedTensor()\n"
        : IntStream.range(0, keys.size())
            .mapToObj(this::rowText)
            .collect(Collectors.joining(",\n", "KeyedJaggedTensor({\n", "\n})\n"));
  }

  private String rowText(int index) {
    int from = index * stride;
    String ids = JaggedLayout.format(offsets, from, stride, i -> Long.toString(values[i]));
    String key = "    \"" + keys.get(index) + "\": ";
    return weights == null
        ? key + ids
        : key
            + "{\n        \"values\": "
            + ids
            + ",\n        \"weights\": "
            + JaggedLayout.format(offsets, from, stride, i -> Float.toString(weights[i]))
            + "\n    }";
  }
}
