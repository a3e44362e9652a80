package io.github.flinkdeepfm.model.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KeyedTensorTest {
  private static final List<String> KEYS = List.of("Embedding A", "Embedding B", "Embedding C");

  private static INDArray rows(int count, float... row) {
    float[][] rows = new float[count][];
    Arrays.fill(rows, row);
    return Nd4j.createFromArray(rows);
  }

  private static KeyedTensor docstring() {
    return KeyedTensor.fromTensorList(
        KEYS, List.of(rows(3, 1, 1), rows(3, 2, 1, 2), rows(3, 3, 1, 2, 3)));
  }

  @Test
  void docstringOfTheClass() {
    KeyedTensor tensor = docstring();
    assertThat(tensor.values()).isEqualTo(rows(3, 1, 1, 2, 1, 2, 3, 1, 2, 3));
    assertThat(tensor.get("Embedding B")).isEqualTo(rows(3, 2, 1, 2));
    assertThat(tensor.keys()).isEqualTo(KEYS);
    assertThat(tensor.lengthPerKey()).containsExactly(2, 3, 4);
    assertThat(tensor.offsetPerKey()).containsExactly(0, 2, 5, 9);
    assertThat(tensor.toDict().keySet()).containsExactlyElementsOf(KEYS);
    assertThat(tensor.toDict().get("Embedding C")).isEqualTo(rows(3, 3, 1, 2, 3));
  }

  @Test
  void aSingleColumnOfASingleRowKeepsItsRank() {
    KeyedTensor tensor = new KeyedTensor(List.of("a", "b"), new int[] {1, 2}, rows(1, 7, 8, 9));
    assertThat(tensor.get("a").shape()).containsExactly(1, 1);
    assertThat(tensor.get("b").shape()).containsExactly(1, 2);
    assertThat(tensor.get("a").getFloat(0, 0)).isEqualTo(7);
  }

  @Test
  void regroupPutsKeysOfSeveralTensorsSideBySide() {
    KeyedTensor other = new KeyedTensor(List.of("D"), new int[] {1}, rows(3, 9));
    List<INDArray> groups =
        KeyedTensor.regroup(
            List.of(docstring(), other),
            List.of(List.of("D", "Embedding A"), List.of("Embedding B")));
    assertThat(groups).containsExactly(rows(3, 9, 1, 1), rows(3, 2, 1, 2));
    assertThatThrownBy(() -> KeyedTensor.regroup(List.of(other), List.of(List.of("E"))))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("expected one of the keys [D], got E");
  }

  @Test
  void aKeyGivenTwiceIsFoundAtItsLaterPlace() {
    KeyedTensor tensor = new KeyedTensor(List.of("a", "a"), new int[] {1, 1}, rows(2, 3, 4));
    assertThat(tensor.get("a")).isEqualTo(rows(2, 4));
  }

  @Test
  void printsAsTorchRecDoes() {
    assertThat(new KeyedTensor(List.of("a", "b"), new int[] {1, 2}, rows(2, 1, 2, 3)))
        .hasToString(
            """
            KeyedTensor({
                "a": [[1.0], [1.0]],
                "b": [[2.0, 3.0], [2.0, 3.0]]
            })
            """);
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() {
    assertThatThrownBy(() -> new KeyedTensor(List.of("a"), new int[] {2}, rows(2, 1, 2, 3)))
        .hasMessage("expected values of shape [B, 2], got [2, 3]");
    assertThatThrownBy(() -> new KeyedTensor(List.of("a"), new int[] {1, 1}, rows(2, 1, 2)))
        .hasMessage("expected 1 lengths (one a key), got 2");
    assertThatThrownBy(
            () -> new KeyedTensor(List.of("a"), new int[] {2}, Nd4j.createFromArray(1f, 2f)))
        .hasMessage("expected values of shape [B, 2], got [2]");
    assertThatThrownBy(() -> docstring().get("Embedding D"))
        .isInstanceOf(NoSuchElementException.class);
  }
}
