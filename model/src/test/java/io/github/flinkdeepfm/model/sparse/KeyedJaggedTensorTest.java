package io.github.flinkdeepfm.model.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KeyedJaggedTensorTest {
  private static final List<String> KEYS = List.of("Feature0", "Feature1");
  private static final long[] VALUES = {0, 1, 2, 3, 4, 5, 6, 7};
  private static final float[] WEIGHTS = {0, 0.5f, 1, 1.5f, 2, 2.5f, 3, 3.5f};
  private static final int[] LENGTHS = {2, 0, 1, 1, 1, 3};
  private static final int[] OFFSETS = {0, 2, 2, 3, 4, 5, 8};

  private static KeyedJaggedTensor docstring() {
    return KeyedJaggedTensor.fromOffsetsSync(KEYS, VALUES, OFFSETS, WEIGHTS);
  }

  @Test
  void docstringOfTheClass() {
    KeyedJaggedTensor tensor = docstring();
    assertThat(tensor.keys()).isEqualTo(KEYS);
    assertThat(tensor.stride()).isEqualTo(3);
    assertThat(tensor.values()).containsExactly(VALUES);
    assertThat(tensor.weights()).containsExactly(WEIGHTS);
    assertThat(tensor.lengths()).containsExactly(LENGTHS);
    assertThat(tensor.offsets()).containsExactly(OFFSETS);
    assertThat(tensor.indexOf("Feature0")).isZero();
    assertThat(tensor.indexOf("Feature1")).isEqualTo(1);
    assertThat(tensor.offsetPerKey()).containsExactly(0, 3, 8);
    assertThat(tensor.lengthPerKey()).containsExactly(3, 5);
  }

  @Test
  void docstringOfToDict() {
    Map<String, JaggedTensor> dict = docstring().toDict();
    assertThat(dict.keySet()).containsExactly("Feature0", "Feature1");
    assertThat(dict.get("Feature0").toDense())
        .containsExactly(new long[] {0, 1}, new long[0], new long[] {2});
    assertThat(dict.get("Feature1").toDense())
        .containsExactly(new long[] {3}, new long[] {4}, new long[] {5, 6, 7});
    assertThat(dict.get("Feature1").offsets()).containsExactly(0, 1, 2, 5);
    assertThat(dict.get("Feature1").weights()).containsExactly(1.5f, 2, 2.5f, 3, 3.5f);
  }

  @Test
  void docstringOfADictOfJaggedTensors() {
    assertThat(KeyedJaggedTensor.fromJtDict(docstring().toDict()))
        .hasToString(docstring().toString());
    assertThat(KeyedJaggedTensor.fromJtDict(Map.of()).keys()).isEmpty();
  }

  @Test
  void lengthsSayTheSameAsOffsets() {
    assertThat(KeyedJaggedTensor.fromLengthsSync(KEYS, VALUES, LENGTHS, WEIGHTS))
        .hasToString(docstring().toString());
  }

  @Test
  void offsetsMayStartAboveZero() {
    KeyedJaggedTensor tensor =
        KeyedJaggedTensor.fromOffsetsSync(
            KEYS, VALUES, new int[] {10, 12, 12, 13, 14, 15, 18}, WEIGHTS);
    assertThat(tensor.offsets()).containsExactly(OFFSETS);
  }

  @Test
  void printsAsTorchRecDoes() {
    assertThat(KeyedJaggedTensor.fromOffsetsSync(KEYS, VALUES, OFFSETS))
        .hasToString(
            """
            KeyedJaggedTensor({
                "Feature0": [[0, 1], [], [2]],
                "Feature1": [[3], [4], [5, 6, 7]]
            })
            """);
    assertThat(docstring().permute(0))
        .hasToString(
            """
            KeyedJaggedTensor({
                "Feature0": {
                    "values": [[0, 1], [], [2]],
                    "weights": [[0.0, 0.5], [], [1.0]]
                }
            })
            """);
    assertThat(KeyedJaggedTensor.empty()).hasToString("KeyedJaggedTensor()\n");
  }

  @Test
  void permuteTakesKeysWithTheirBagsAndWeights() {
    KeyedJaggedTensor permuted = docstring().permute(1, 0, 1);
    assertThat(permuted.keys()).containsExactly("Feature1", "Feature0", "Feature1");
    assertThat(permuted.values()).containsExactly(3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(permuted.lengths()).containsExactly(1, 1, 3, 2, 0, 1, 1, 1, 3);
    assertThat(permuted.weights()).startsWith(1.5f, 2, 2.5f, 3, 3.5f, 0, 0.5f, 1);
  }

  @Test
  void anEmptySegmentKeepsTheBatchSize() {
    List<KeyedJaggedTensor> parts = docstring().split(0, 2);
    assertThat(parts.get(0).keys()).isEmpty();
    assertThat(parts.get(0).stride()).isEqualTo(3);
    assertThat(parts.get(1)).hasToString(docstring().toString());
    assertThat(KeyedJaggedTensor.concat(parts)).hasToString(docstring().toString());
  }

  @Test
  void aKeyGivenTwiceIsFoundAtItsLaterPlace() {
    KeyedJaggedTensor tensor =
        KeyedJaggedTensor.fromLengthsSync(
            List.of("a", "b", "a"), new long[] {1, 2, 3}, new int[] {1, 1, 1});
    assertThat(tensor.get("a").values()).containsExactly(3);
    assertThat(tensor.toDict().keySet()).containsExactly("a", "b");
    assertThat(tensor.toDict().get("a").values()).containsExactly(3);
  }

  @Test
  void valuesBeyondTheLastOffsetOfATrustedBuilderAreNotSeen() {
    KeyedJaggedTensor tensor =
        KeyedJaggedTensor.ofTrusted(
            List.of("a", "b"), new long[] {1, 2, 3, 99, 99}, new int[] {0, 1, 3}, new float[5]);
    assertThat(tensor.stride()).isEqualTo(1);
    assertThat(tensor.get("b").values()).containsExactly(2, 3);
    assertThat(tensor.get("b").weights()).hasSize(2);
    assertThat(KeyedJaggedTensor.concat(List.of(tensor, tensor)).values())
        .containsExactly(1, 2, 3, 1, 2, 3);
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertThatThrownBy(
            () -> KeyedJaggedTensor.fromLengthsSync(KEYS, new long[3], new int[] {1, 1, 1}))
        .hasMessageContaining("expected a multiple of 2 bags (one row a key), got 3");
    assertThatThrownBy(
            () -> KeyedJaggedTensor.fromLengthsSync(List.of(), new long[1], new int[] {1}))
        .hasMessageContaining("expected a multiple of 0 bags");
    assertThatThrownBy(() -> KeyedJaggedTensor.fromLengthsSync(KEYS, new long[3], new int[] {1, 1}))
        .hasMessageContaining("expected 2 values");
    assertThatThrownBy(
            () ->
                KeyedJaggedTensor.fromLengthsSync(
                    KEYS, new long[2], new int[] {1, 1}, new float[1]))
        .hasMessageContaining("expected 2 weights");
    assertThatThrownBy(() -> docstring().get("Feature2"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("expected one of the keys [Feature0, Feature1], got Feature2");
    assertThatThrownBy(() -> docstring().split(1, 2)).hasMessageContaining("got [1, 2]");
    assertThatThrownBy(() -> docstring().split(-1)).hasMessageContaining("got [-1]");
    assertThatThrownBy(() -> docstring().permute(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> KeyedJaggedTensor.concat(List.of()))
        .hasMessageContaining("expected at least one");
    KeyedJaggedTensor unweighted = KeyedJaggedTensor.fromLengthsSync(KEYS, VALUES, LENGTHS);
    assertThatThrownBy(() -> KeyedJaggedTensor.concat(List.of(docstring(), unweighted)))
        .hasMessageContaining("weights on all or none");
    KeyedJaggedTensor single =
        KeyedJaggedTensor.fromLengthsSync(List.of("a"), new long[0], new int[] {0});
    assertThatThrownBy(() -> KeyedJaggedTensor.concat(List.of(unweighted, single)))
        .hasMessageContaining("got 3 and 1");
    assertThatThrownBy(unweighted::weights).hasMessageContaining("without weights");
  }

  @Property(tries = 200, seed = "17")
  void splittingAndConcatenatingGivesTheSameTensor(
      @ForAll @Size(12) List<@IntRange(max = 5) Integer> lengths,
      @ForAll @IntRange(max = 4) int at) {
    int[] flat = lengths.stream().mapToInt(Integer::intValue).toArray();
    int ids = lengths.stream().mapToInt(Integer::intValue).sum();
    long[] values = new long[ids];
    for (int i = 0; i < ids; i++) {
      values[i] = i;
    }
    KeyedJaggedTensor tensor =
        KeyedJaggedTensor.fromLengthsSync(List.of("a", "b", "c", "d"), values, flat);
    assertThat(KeyedJaggedTensor.concat(tensor.split(at, 4 - at))).hasToString(tensor.toString());
    assertThat(tensor.permute(3, 2, 1, 0).permute(3, 2, 1, 0)).hasToString(tensor.toString());
  }
}
