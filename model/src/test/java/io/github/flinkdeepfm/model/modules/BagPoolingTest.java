package io.github.flinkdeepfm.model.modules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BagPoolingTest {
  private static final float UNTOUCHED = -99f;

  private static float[] pool(
      EmbeddingTable table, PoolingType pooling, long[] values, float[] weights, int... offsets) {
    int bags = offsets.length - 1;
    float[] out = new float[bags * table.dim()];
    PoolingScratch scratch = new PoolingScratch(table.dim());
    BagPooling.pool(
        table, pooling, values, weights, offsets, 0, bags, out, 0, table.dim(), scratch);
    return out;
  }

  @Test
  void sumAddsRowsAndAnEmptyBagIsZeros() {
    ArrayTable table = ArrayTable.byRule(6, 3, DataType.FP32);
    float[] expected = {3.5f, 4f, 4.5f, 0, 0, 0, 1.5f, 1.75f, 2f};
    assertThat(pool(table, PoolingType.SUM, new long[] {0, 5, 2}, null, 0, 2, 2, 3))
        .containsExactly(expected);
  }

  @Test
  void meanCountsRepeatsAndAnEmptyBagIsZeros() {
    ArrayTable table = ArrayTable.byRule(6, 3, DataType.FP32);
    assertThat(pool(table, PoolingType.MEAN, new long[] {0, 0, 3}, null, 0, 3, 3))
        .containsExactly(1f, 1.25f, 1.5f, 0, 0, 0);
  }

  @Test
  void weightsMultiplyRowsInOneRounding() {
    ArrayTable table = new ArrayTable(new float[] {1 + 0x1p-23f, 1}, 1, DataType.FP32);
    float weight = 1 - 0x1p-23f;
    // w·x = 1 − 2^-46: a multiplication that rounds by itself would give 1 and a sum of 0.
    assertThat(pool(table, PoolingType.SUM, new long[] {1, 0}, new float[] {-1, weight}, 0, 2))
        .containsExactly(-0x1p-46f);
  }

  @Test
  void weightsWithMeanAreRefused() {
    ArrayTable table = ArrayTable.byRule(6, 3, DataType.FP32);
    assertThatThrownBy(() -> pool(table, PoolingType.MEAN, new long[] {0}, new float[] {1}, 0, 1))
        .hasMessageContaining("expected pooling SUM");
  }

  @Test
  void halfTableRoundsTheSumAndMeanRoundsAgain() {
    float third = HalfFloat.round(1f / 3);
    ArrayTable table = new ArrayTable(new float[] {third, 2048, 60000}, 1, DataType.FP16);
    long[] values = {0, 1, 2, 2};
    assertThat(pool(table, PoolingType.SUM, values, null, 0, 2, 4))
        .containsExactly(2048f, Float.POSITIVE_INFINITY);
    assertThat(pool(table, PoolingType.MEAN, values, null, 0, 2, 4))
        .containsExactly(1024f, Float.POSITIVE_INFINITY);
    assertThat(pool(table, PoolingType.MEAN, new long[] {0, 0, 0}, null, 0, 3))
        .containsExactly(HalfFloat.round(HalfFloat.round(3 * third) / 3));
  }

  @Test
  void halfTableDividesByTheNumberOfIdsAsAHalf() {
    ArrayTable table = new ArrayTable(new float[] {1}, 1, DataType.FP16);
    // The sum 2049 and the count 2049 both round to 2048.
    assertThat(pool(table, PoolingType.MEAN, new long[2049], null, 0, 2049)).containsExactly(1f);
  }

  @Test
  void bfloat16TableIsPooledInF32() {
    ArrayTable table = new ArrayTable(new float[] {1, 0x1p-20f}, 1, DataType.BF16);
    assertThat(pool(table, PoolingType.SUM, new long[] {0, 1}, null, 0, 2))
        .containsExactly(1 + 0x1p-20f);
  }

  @Test
  void onlyTheBagsAskedForAreWrittenAtTheirStride() {
    ArrayTable table = ArrayTable.byRule(6, 2, DataType.FP32);
    float[] out = new float[9];
    Arrays.fill(out, UNTOUCHED);
    BagPooling.pool(
        table,
        PoolingType.SUM,
        new long[] {999, 1, 2, 999},
        null,
        new int[] {0, 1, 2, 3, 4},
        1,
        2,
        out,
        1,
        4,
        new PoolingScratch(2));
    assertThat(out)
        .containsExactly(
            UNTOUCHED, 1f, 1.25f, UNTOUCHED, UNTOUCHED, 1.5f, 1.75f, UNTOUCHED, UNTOUCHED);
  }

  @Test
  void idsOutsideTheTableAreRefusedWithPositionAndRange() {
    ArrayTable table = ArrayTable.byRule(6, 3, DataType.FP32);
    for (long id : new long[] {6, -1, (1L << 32) + 1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> pool(table, PoolingType.SUM, new long[] {0, id}, null, 0, 2))
          .isInstanceOf(IdOutOfRangeException.class)
          .hasMessageContaining("expected 0 <= id < 6, got " + id)
          .hasMessageContaining("values[1]");
    }
  }

  @Test
  void poolingEqualsPlainLoopsForRaggedBagsOfAnySize() {
    Random random = new Random(11);
    for (int dim : new int[] {1, 3, 16, 65}) {
      float[] rows = new float[50 * dim];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (float) random.nextGaussian();
      }
      ArrayTable table = new ArrayTable(rows, dim, DataType.FP32);
      int bags = 207;
      int[] offsets = new int[bags + 1];
      for (int b = 0; b < bags; b++) {
        offsets[b + 1] = offsets[b] + (b % 40 == 7 ? 300 : random.nextInt(4));
      }
      long[] values = random.longs(offsets[bags], 0, 50).toArray();
      float[] sums = pool(table, PoolingType.SUM, values, null, offsets);
      float[] means = pool(table, PoolingType.MEAN, values, null, offsets);
      for (int b = 0; b < bags; b++) {
        int ids = offsets[b + 1] - offsets[b];
        for (int d = 0; d < dim; d++) {
          float sum = 0;
          for (int p = offsets[b]; p < offsets[b + 1]; p++) {
            sum += rows[(int) values[p] * dim + d];
          }
          assertThat(sums[b * dim + d]).isEqualTo(sum);
          assertThat(means[b * dim + d]).isEqualTo(ids == 0 ? 0f : sum / ids);
        }
      }
    }
  }
}
