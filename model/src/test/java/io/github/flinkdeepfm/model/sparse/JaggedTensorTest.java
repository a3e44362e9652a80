package io.github.flinkdeepfm.model.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class JaggedTensorTest {
  private static final long[] VALUES = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final float[] WEIGHTS = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f};
  private static final int[] OFFSETS = {0, 2, 2, 3, 4, 5, 8};

  @Test
  void docstringOfFromDense() {
    JaggedTensor j1 =
        JaggedTensor.fromDense(
            List.of(new long[] {1}, new long[0], new long[] {7, 8}, new long[] {10, 11, 12}),
            List.of(new float[] {1}, new float[0], new float[] {7, 8}, new float[] {10, 11, 12}));

    assertThat(j1.lengths()).containsExactly(1, 0, 2, 3);
    assertThat(j1.offsets()).containsExactly(0, 1, 1, 3, 6);
    assertThat(j1.values()).containsExactly(1, 7, 8, 10, 11, 12);
    assertThat(j1.weights()).containsExactly(1, 7, 8, 10, 11, 12);
  }

  @Test
  void docstringOfToDense() {
    assertThat(JaggedTensor.fromOffsets(VALUES, OFFSETS).toDense())
        .containsExactly(
            new long[] {1, 2},
            new long[0],
            new long[] {3},
            new long[] {4},
            new long[] {5},
            new long[] {6, 7, 8});
  }

  @Test
  void docstringOfToDenseWeights() {
    assertThat(JaggedTensor.fromOffsets(VALUES, OFFSETS, WEIGHTS).toDenseWeights())
        .containsExactly(
            new float[] {0.1f, 0.2f},
            new float[0],
            new float[] {0.3f},
            new float[] {0.4f},
            new float[] {0.5f},
            new float[] {0.6f, 0.7f, 0.8f});
  }

  @Test
  void docstringOfToPaddedDense() {
    assertThat(JaggedTensor.fromOffsets(VALUES, OFFSETS).toPaddedDense(2, 10))
        .isDeepEqualTo(new long[][] {{1, 2}, {10, 10}, {3, 10}, {4, 10}, {5, 10}, {6, 7}});
  }

  @Test
  void docstringOfToPaddedDenseWeights() {
    assertThat(JaggedTensor.fromOffsets(VALUES, OFFSETS, WEIGHTS).toPaddedDenseWeights(2, 1))
        .isDeepEqualTo(
            new float[][] {{0.1f, 0.2f}, {1, 1}, {0.3f, 1}, {0.4f, 1}, {0.5f, 1}, {0.6f, 0.7f}});
  }

  @Test
  void paddingReachesTheLongestSliceByDefault() {
    assertThat(JaggedTensor.fromLengths(new long[] {5, 6, 7}, new int[] {1, 0, 2}).toPaddedDense())
        .isDeepEqualTo(new long[][] {{5, 0}, {0, 0}, {6, 7}});
    assertThat(JaggedTensor.empty().toPaddedDense()).isEmpty();
  }

  @Test
  void denseRowsAreCutToTheirLengths() {
    JaggedTensor tensor =
        JaggedTensor.fromDenseLengths(
            new long[][] {{1, 2, 0}, {0, 0, 0}, {3, 4, 5}},
            new int[] {2, 0, 3},
            new float[][] {{1, 2, 9}, {9, 9, 9}, {3, 4, 5}});
    assertThat(tensor.values()).containsExactly(1, 2, 3, 4, 5);
    assertThat(tensor.weights()).containsExactly(1, 2, 3, 4, 5);
    assertThat(tensor.lengths()).containsExactly(2, 0, 3);
  }

  @Test
  void offsetsMayStartAboveZero() {
    JaggedTensor tensor = JaggedTensor.fromOffsets(new long[] {1, 2, 3}, new int[] {10, 12, 13});
    assertThat(tensor.offsets()).containsExactly(0, 2, 3);
    assertThat(tensor.toDense()).containsExactly(new long[] {1, 2}, new long[] {3});
  }

  @Test
  void printsAsTorchRecDoes() {
    assertThat(JaggedTensor.fromLengths(new long[] {1, 2, 3}, new int[] {2, 0, 1}))
        .hasToString("JaggedTensor({\n    [[1, 2], [], [3]]\n})\n");
    assertThat(JaggedTensor.fromLengths(new long[] {1, 2}, new int[] {1, 1}, new float[] {0.5f, 2}))
        .hasToString(
            "JaggedTensor({\n    \"values\": [[1], [2]],\n    \"weights\": [[0.5], [2.0]]\n})\n");
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertThatThrownBy(() -> JaggedTensor.fromLengths(new long[3], new int[] {4, -1}))
        .hasMessageContaining("got -1 (lengths[1])");
    assertThatThrownBy(
            () -> JaggedTensor.fromLengths(new long[3], new int[] {Integer.MAX_VALUE, 4}))
        .hasMessageContaining("got 2147483651");
    assertThatThrownBy(() -> JaggedTensor.fromLengths(new long[3], new int[] {1, 1}))
        .hasMessageContaining("expected 2 values (the sum of lengths), got 3");
    assertThatThrownBy(() -> JaggedTensor.fromOffsets(new long[3], new int[] {0, 3, 2}))
        .hasMessageContaining("expected ascending offsets, got 3 then 2 (offsets[2])");
    assertThatThrownBy(() -> JaggedTensor.fromOffsets(new long[0], new int[0]))
        .hasMessageContaining("expected at least one offset");
    assertThatThrownBy(() -> JaggedTensor.fromOffsets(new long[3], new int[] {-3, 0}))
        .hasMessageContaining("the first not below 0");
    assertThatThrownBy(() -> JaggedTensor.fromLengths(new long[3], new int[] {3}, new float[] {1}))
        .hasMessageContaining("expected 3 weights (one a value), got 1");
    assertThatThrownBy(() -> JaggedTensor.fromDense(List.of(new long[2]), List.of(new float[] {1})))
        .hasMessageContaining("expected weights of the lengths [2], got [1]");
    assertThatThrownBy(() -> JaggedTensor.fromDenseLengths(new long[][] {{1}}, new int[] {2}))
        .hasMessageContaining("expected 0 <= length <= 1, got 2 (values[0])");
    assertThatThrownBy(() -> JaggedTensor.fromDenseLengths(new long[][] {{1}}, new int[] {1, 1}))
        .hasMessageContaining("expected 2 rows of values (one a length), got 1");
    assertThatThrownBy(() -> JaggedTensor.empty().weights())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("without weights");
  }
}
