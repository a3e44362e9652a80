package io.github.flinkdeepfm.model.sparse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Dense tensors of B rows side by side, each found by its key (TorchRec {@code KeyedTensor} with
 * {@code key_dim} 1).
 *
 * <pre>
 *             "A"      "B"
 *   b = 0    [1, 1]   [2, 1, 2]
 *   b = 1    [1, 1]   [2, 1, 2]
 *
 * values       = 1 1 2 1 2      [B, sum of lengthPerKey]
 *                1 1 2 1 2
 * lengthPerKey = 2   3
 * offsetPerKey = 0   2     5
 * </pre>
 *
 * <p>A key may be given twice; the later one is found. The array is wrapped, not copied.
 */
public final class KeyedTensor {
  private final List<String> keys;
  private final int[] lengthPerKey;
  private final INDArray values;

  /**
   * @param lengthPerKey columns of each key
   * @param values [B, sum of lengthPerKey]
   * @throws IllegalArgumentException if the counts do not fit together
   */
  public KeyedTensor(List<String> keys, int[] lengthPerKey, INDArray values) {
    if (keys.size() != lengthPerKey.length) {
      throw new IllegalArgumentException(
          "expected " + keys.size() + " lengths (one a key), got " + lengthPerKey.length);
    }
    int width = JaggedLayout.toOffsets(lengthPerKey)[lengthPerKey.length];
    if (values.rank() != 2 || values.size(1) != width) {
      throw new IllegalArgumentException(
          "expected values of shape [B, " + width + "], got " + Arrays.toString(values.shape()));
    }
    this.keys = List.copyOf(keys);
    this.lengthPerKey = lengthPerKey.clone();
    this.values = values;
  }

  /**
   * The tensors side by side, in the order of the keys.
   *
   * @param tensors [B, any width] each, as many as keys
   */
  public static KeyedTensor fromTensorList(List<String> keys, List<INDArray> tensors) {
    int[] widths = tensors.stream().mapToInt(t -> (int) t.size(1)).toArray();
    return new KeyedTensor(keys, widths, Nd4j.concat(1, tensors.toArray(INDArray[]::new)));
  }

  public List<String> keys() {
    return keys;
  }

  /** [B, sum of lengthPerKey] */
  public INDArray values() {
    return values;
  }

  /** [keys] */
  public int[] lengthPerKey() {
    return lengthPerKey.clone();
  }

  /** [keys + 1]: the first column of each key, and the end. */
  public int[] offsetPerKey() {
    return JaggedLayout.toOffsets(lengthPerKey);
  }

  /**
   * [B, length of the key], a view on {@link #values}.
   *
   * @throws NoSuchElementException if there is no such key
   */
  public INDArray get(String key) {
    int index = keys.lastIndexOf(key);
    if (index < 0) {
      throw new NoSuchElementException("expected one of the keys " + keys + ", got " + key);
    }
    int from = offsetPerKey()[index];
    return values.get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + lengthPerKey[index]));
  }

  /** Each key's tensor, in the order of the keys. */
  public Map<String, INDArray> toDict() {
    Map<String, INDArray> dict = new LinkedHashMap<>();
    keys.forEach(key -> dict.put(key, get(key)));
    return dict;
  }

  /**
   * For each group the tensors of its keys, side by side: [B, sum of their lengths].
   *
   * @throws NoSuchElementException if no tensor has a key; of several the last is taken
   */
  public static List<INDArray> regroup(List<KeyedTensor> keyedTensors, List<List<String>> groups) {
    Map<String, KeyedTensor> owners = new LinkedHashMap<>();
    keyedTensors.forEach(tensor -> tensor.keys.forEach(key -> owners.put(key, tensor)));
    List<INDArray> regrouped = new ArrayList<>(groups.size());
    for (List<String> group : groups) {
      INDArray[] members = new INDArray[group.size()];
      for (int i = 0; i < members.length; i++) {
        KeyedTensor owner = owners.get(group.get(i));
        if (owner == null) {
          throw new NoSuchElementException(
              "expected one of the keys " + owners.keySet() + ", got " + group.get(i));
        }
        members[i] = owner.get(group.get(i));
      }
      regrouped.add(Nd4j.concat(1, members));
    }
    return regrouped;
  }

  /** As TorchRec prints it. */
  @Override
  public String toString() {
    return keys.isEmpty()
        ? "KeyedTensor()\n"
        : keys.stream()
            .map(key -> "    \"" + key + "\": " + Arrays.deepToString(get(key).toFloatMatrix()))
            .collect(Collectors.joining(",\n", "KeyedTensor({\n", "\n})\n"));
  }
}
