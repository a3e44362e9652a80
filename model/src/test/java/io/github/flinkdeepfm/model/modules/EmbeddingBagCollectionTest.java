package io.github.flinkdeepfm.model.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

class EmbeddingBagCollectionTest {
  private static final EmbeddingBagConfig T1 = new EmbeddingBagConfig("t1", 10, 3, List.of("f1"));
  private static final EmbeddingBagConfig T2 = new EmbeddingBagConfig("t2", 10, 4, List.of("f2"));

  private static EmbeddingBagCollection collection(
      boolean weighted, EmbeddingBagConfig... configs) {
    List<EmbeddingBagConfig> list = List.of(configs);
    return new EmbeddingBagCollection(
        list, weighted, list.stream().<EmbeddingTable>map(ArrayTable::byRule).toList());
  }

  @Test
  void docstringOfTheClass() {
    KeyedJaggedTensor features =
        KeyedJaggedTensor.fromOffsetsSync(
            List.of("f1", "f2"),
            new long[] {0, 1, 2, 3, 4, 5, 6, 7},
            new int[] {0, 2, 2, 3, 4, 5, 8});

    KeyedTensor pooled = collection(false, T1, T2).forward(features);

    assertThat(pooled.keys()).containsExactly("f1", "f2");
    assertThat(pooled.offsetPerKey()).containsExactly(0, 3, 7);
    assertThat(pooled.values())
        .isEqualTo(
            Nd4j.createFromArray(
                new float[][] {
                  {1.5f, 2, 2.5f, 2, 2.25f, 2.5f, 2.75f},
                  {0, 0, 0, 2.5f, 2.75f, 3, 3.25f},
                  {1.5f, 1.75f, 2, 10.5f, 11.25f, 12, 12.75f}
                }));
  }

  @Test
  void eachIdIsMultipliedByItsOwnWeight() {
    KeyedJaggedTensor features =
        KeyedJaggedTensor.fromLengthsSync(
            List.of("other", "f1"),
            new long[] {9, 0, 1},
            new int[] {1, 2},
            new float[] {100, 2, -1});
    assertThat(collection(true, T1).forward(features).values())
        .isEqualTo(Nd4j.createFromArray(new float[][] {{0, 0.25f, 0.5f}}));
  }

  @Test
  void aTableThatDoesNotFitItsConfigIsRefused() {
    assertThatThrownBy(
            () ->
                new EmbeddingBagCollection(
                    List.of(T1), false, List.of(ArrayTable.byRule(10, 4, DataType.FP32))))
        .hasMessage("table t1: expected FP32 [10, 3], got FP32 [10, 4]");
    assertThatThrownBy(() -> new EmbeddingBagCollection(List.of(T1), false, List.of()))
        .hasMessage("expected 1 tables (one a config), got 0");
  }

  @Test
  void namesThatPyTorchsModuleDictTakesAreNoProblem() {
    assertThat(TableNames.problemWith("t_user_id")).isEmpty();
    assertThat(TableNames.problemWith("types")).isEmpty();
    for (String name : List.of("", "a.b", "type", "float", "train", "keys", "values")) {
      assertThat(TableNames.problemWith(name)).as(name).isPresent();
    }
  }
}
