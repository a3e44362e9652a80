package io.github.flinkdeepfm.model.modules;

import java.util.Arrays;

/**
 * Pools the bags of one feature over one table: the arithmetic of PyTorch's {@code EmbeddingBag}.
 *
 * <pre>
 * bag        b = 0     b = 1     b = 2
 *            [0,1]      []        [2]
 * values     0 1                  2
 * offsets    0         2         2         3
 * out        e0 + e1   zeros     e2
 * </pre>
 *
 * <p>A bag's rows are added in the order of its ids, whatever other bags are pooled in the same
 * call: the same bag gives the same bits in every batch. Nothing here allocates.
 */
public final class BagPooling {

  /** How many rows are touched ahead: their cache lines (256 bytes a row) just fit L1. */
  private static final int TOUCH_AHEAD = 128;

  /** How many rows are added to a bag in one pass over it. */
  public static final int ROWS_AT_A_TIME = 4;

  /** Keeps {@link EmbeddingTable#touch} from being optimised away. */
  @SuppressWarnings("unused")
  private static int touched;

  private BagPooling() {}

  /**
   * Writes D floats a bag: bag b, 0 ≤ b &lt; bags, goes to {@code out[outOffset + b·outStride … +
   * D)}.
   *
   * <p>f32 and bf16 tables are summed in f32. For an f16 table the f32 sum is rounded to f16, and
   * MEAN divides that by the number of ids and rounds again, so a sum past 65504 is infinite under
   * both. Weighted sums use fused multiply-add, in f32.
   *
   * @param values ids; bag b holds {@code values[offsets[firstBag+b] … offsets[firstBag+b+1])}
   * @param weightsOrNull one for each id, indexed as {@code values}; only with SUM
   * @param offsets ascending, not above the lengths of values and weights
   * @param scratchRow at least D floats, overwritten; {@link #ROWS_AT_A_TIME} times D are faster
   * @throws IdOutOfRangeException if an id is not a row; bags before it may have been written
   * @throws IllegalArgumentException for weights with MEAN
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
    if (weightsOrNull != null && pooling == PoolingType.MEAN) {
      throw new IllegalArgumentException("expected pooling SUM with weights, got MEAN");
    }
    if (weightsOrNull == null && hasOneIdEach(offsets, firstBag, bags)) {
      copyRows(table, values, offsets[firstBag], bags, out, outOffset, outStride);
      return;
    }
    int dim = table.dim();
    boolean half = table.dataType() == DataType.FP16;
    int end = offsets[firstBag + bags];
    int atATime = Math.min(ROWS_AT_A_TIME, scratchRow.length / dim);
    int ready = offsets[firstBag];
    for (int b = 0; b < bags; b++) {
      int from = offsets[firstBag + b];
      int to = offsets[firstBag + b + 1];
      int at = outOffset + b * outStride;
      if (from == to) {
        Arrays.fill(out, at, at + dim, 0f);
        continue;
      }
      for (int position = from; position < to; ) {
        if (position == ready) {
          ready = Math.min(end, position + TOUCH_AHEAD);
          checkAndTouch(table, values, position, ready);
        }
        if (weightsOrNull != null) {
          if (position == from) {
            Arrays.fill(out, at, at + dim, 0f);
          }
          table.readRow(values[position], scratchRow, 0);
          addWeighted(weightsOrNull[position], scratchRow, out, at, dim);
          position++;
        } else if (position == from) {
          table.readRow(values[position], out, at);
          position++;
        } else {
          int count = Math.min(Math.min(to, ready) - position, atATime);
          table.readRows(values, position, position + count, scratchRow, 0, dim);
          add(scratchRow, count, out, at, dim);
          position += count;
        }
      }
      if (half && (to - from > 1 || weightsOrNull != null)) {
        roundToHalf(out, at, dim);
      }
      if (pooling == PoolingType.MEAN && to - from > 1) {
        divide(out, at, dim, to - from, half);
      }
    }
  }

  private static boolean hasOneIdEach(int[] offsets, int firstBag, int bags) {
    for (int b = firstBag; b < firstBag + bags; b++) {
      if (offsets[b + 1] - offsets[b] != 1) {
        return false;
      }
    }
    return true;
  }

  /** A bag of one id is its row, under SUM and MEAN and for every data type. */
  private static void copyRows(
      EmbeddingTable table,
      long[] values,
      int from,
      int bags,
      float[] out,
      int outOffset,
      int outStride) {
    for (int done = 0; done < bags; done += TOUCH_AHEAD) {
      int begin = from + done;
      int end = Math.min(from + bags, begin + TOUCH_AHEAD);
      checkAndTouch(table, values, begin, end);
      table.readRows(values, begin, end, out, outOffset + done * outStride, outStride);
    }
  }

  private static void checkAndTouch(EmbeddingTable table, long[] ids, int from, int to) {
    long rows = table.rows();
    for (int position = from; position < to; position++) {
      long id = ids[position];
      if (id < 0 || id >= rows) {
        throw IdOutOfRangeException.of(id, rows, position);
      }
    }
    touched = table.touch(ids, from, to);
  }

  /** Adds rows one after another to each element: the same bits however many come at a time. */
  private static void add(float[] rows, int count, float[] out, int at, int dim) {
    switch (count) {
      case 1 -> {
        for (int d = 0; d < dim; d++) {
          out[at + d] += rows[d];
        }
      }
      case 2 -> {
        for (int d = 0; d < dim; d++) {
          out[at + d] = (out[at + d] + rows[d]) + rows[dim + d];
        }
      }
      case 3 -> {
        for (int d = 0; d < dim; d++) {
          out[at + d] = ((out[at + d] + rows[d]) + rows[dim + d]) + rows[2 * dim + d];
        }
      }
      case 4 -> {
        for (int d = 0; d < dim; d++) {
          float sum = (out[at + d] + rows[d]) + rows[dim + d];
          out[at + d] = (sum + rows[2 * dim + d]) + rows[3 * dim + d];
        }
      }
      default -> throw new IllegalArgumentException("expected 1 to 4 rows, got " + count);
    }
  }

  private static void addWeighted(float weight, float[] row, float[] out, int at, int dim) {
    for (int d = 0; d < dim; d++) {
      out[at + d] = Math.fma(weight, row[d], out[at + d]);
    }
  }

  private static void roundToHalf(float[] out, int at, int dim) {
    for (int d = 0; d < dim; d++) {
      out[at + d] = HalfFloat.round(out[at + d]);
    }
  }

  private static void divide(float[] out, int at, int dim, int ids, boolean half) {
    if (half) {
      // PyTorch divides half by half: the number of ids is a half too (2049 becomes 2048).
      float divisor = HalfFloat.round(ids);
      for (int d = 0; d < dim; d++) {
        out[at + d] = HalfFloat.round(out[at + d] / divisor);
      }
    } else {
      for (int d = 0; d < dim; d++) {
        out[at + d] /= ids;
      }
    }
  }
}
