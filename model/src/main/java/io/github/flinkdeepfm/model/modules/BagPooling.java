package io.github.flinkdeepfm.model.modules;

import java.util.Arrays;

/**
 * Pools the bags of one feature (FBGEMM's and PyTorch's {@code embedding_bag}): one vector of D
 * floats a bag, ids summed strictly in their order, so that a bag's bits depend on nothing but the
 * bag.
 *
 * <p>Rows are read in blocks: first one word of every cache line of a block is touched, then the
 * rows are copied. The touches are independent loads, so their misses overlap.
 */
public final class BagPooling {
  private static final int BLOCK = 128;

  /** Keeps the touches alive; its value means nothing. */
  @SuppressWarnings("unused")
  private static volatile int blackhole;

  private BagPooling() {}

  /**
   * Pools bags {@code [firstBag, firstBag + bags)}. Allocates nothing.
   *
   * @param values ids; bag b is {@code values[offsets[b] … offsets[b+1])}
   * @param weightsOrNull one weight an id (SUM only), or null for an unweighted collection
   * @param out bag i of the range goes to {@code out[outOffset + i*outStride … + D)}
   * @param scratchRow room for D floats
   * @throws IndexOutOfBoundsException if an id is negative or not below the table's rows
   */
  public static void pool(
      EmbeddingTable table,
      PoolingType pooling,
      long[] values,
      float[] weightsOrNull,
      int[] offsets,
      int firstBag,
      int bags,
      float[] out,
      int outOffset,
      int outStride,
      float[] scratchRow) {
    int dim = table.dim();
    long rows = table.rows();
    for (int block = 0; block < bags; block += BLOCK) {
      int end = Math.min(bags, block + BLOCK);
      int from = offsets[firstBag + block];
      int to = offsets[firstBag + end];
      checkIds(values, from, to, rows);
      blackhole = table.touch(values, from, to);
      for (int bag = block; bag < end; bag++) {
        int begin = offsets[firstBag + bag];
        int stop = offsets[firstBag + bag + 1];
        int at = outOffset + bag * outStride;
        if (weightsOrNull != null) {
          weightedSum(table, values, weightsOrNull, begin, stop, out, at, scratchRow);
        } else {
          sum(table, values, begin, stop, out, at, scratchRow);
        }
        if (table.dataType() == DataType.FP16 && stop > begin) {
          roundToHalf(out, at, dim);
        }
        if (pooling == PoolingType.MEAN && stop > begin) {
          divide(out, at, dim, stop - begin);
          if (table.dataType() == DataType.FP16) {
            roundToHalf(out, at, dim);
          }
        }
      }
    }
  }

  private static void checkIds(long[] values, int from, int to, long rows) {
    for (int i = from; i < to; i++) {
      if (values[i] < 0 || values[i] >= rows) {
        throw new IndexOutOfBoundsException(
            "expected ids in [0, " + rows + "), got " + values[i] + " (value " + i + ")");
      }
    }
  }

  private static void sum(
      EmbeddingTable table, long[] values, int begin, int end, float[] out, int at, float[] row) {
    int dim = table.dim();
    if (begin == end) {
      Arrays.fill(out, at, at + dim, 0f);
      return;
    }
    table.readRow(values[begin], out, at);
    for (int i = begin + 1; i < end; i++) {
      table.readRow(values[i], row, 0);
      for (int c = 0; c < dim; c++) {
        out[at + c] += row[c];
      }
    }
  }

  private static void weightedSum(
      EmbeddingTable table,
      long[] values,
      float[] weights,
      int begin,
      int end,
      float[] out,
      int at,
      float[] row) {
    int dim = table.dim();
    Arrays.fill(out, at, at + dim, 0f);
    for (int i = begin; i < end; i++) {
      table.readRow(values[i], row, 0);
      float weight = weights[i];
      for (int c = 0; c < dim; c++) {
        out[at + c] = Math.fma(weight, row[c], out[at + c]);
      }
    }
  }

  private static void divide(float[] out, int at, int dim, int count) {
    for (int c = 0; c < dim; c++) {
      out[at + c] /= count;
    }
  }

  private static void roundToHalf(float[] out, int at, int dim) {
    for (int c = 0; c < dim; c++) {
      out[at + c] = HalfFloat.toFloat(HalfFloat.toHalfBits(out[at + c]));
    }
  }
}
