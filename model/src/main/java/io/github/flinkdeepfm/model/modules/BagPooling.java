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

  /** How many rows are touched ahead: their cache lines (256 bytes a row) fit L1 with room. */
  private static final int TOUCH_AHEAD = 64;

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
   * @param scratch of the table's D
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
      PoolingScratch scratch) {
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
    int ready = offsets[firstBag];
    for (int b = 0; b < bags; b++) {
      int from = offsets[firstBag + b];
      int to = offsets[firstBag + b + 1];
      int at = outOffset + b * outStride;
      Arrays.fill(scratch.sum, 0f);
      for (int position = from; position < to; ) {
        if (position == ready) {
          ready = Math.min(end, position + TOUCH_AHEAD);
          checkAndTouch(table, values, position, ready);
        }
        if (weightsOrNull != null) {
          table.readRow(values[position], scratch.rows[0], 0);
          Rows.addScaled(scratch.sum, weightsOrNull[position], scratch.rows[0]);
          position++;
        } else if (position == from) {
          table.readRow(values[position], scratch.sum, 0);
          position++;
        } else {
          int count = Math.min(Math.min(to, ready) - position, PoolingScratch.ROWS);
          for (int i = 0; i < count; i++) {
            table.readRow(values[position + i], scratch.rows[i], 0);
          }
          add(scratch, count);
          position += count;
        }
      }
      System.arraycopy(scratch.sum, 0, out, at, dim);
      if (half && (to - from > 1 || weightsOrNull != null)) {
        roundToHalf(out, at, dim);
      }
      if (pooling == PoolingType.MEAN && to - from > 1) {
        divide(out, at, dim, to - from, half);
      }
    }
  }

  private static boolean hasOneIdEach(int[] offsets, int firstBag, int bags) {
    int others = 0; // No way out of the loop, so that the JIT vectorises it.
    for (int b = firstBag; b < firstBag + bags; b++) {
      others |= offsets[b + 1] - offsets[b] - 1;
    }
    return others == 0;
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
    long last = table.rows() - 1;
    long outside = 0; // Negative if an id is below 0 or above the last.
    for (int position = from; position < to; position++) {
      outside |= ids[position] | (last - ids[position]);
    }
    if (outside < 0) {
      throw firstOutside(table, ids, from, to);
    }
    touched = table.touch(ids, from, to);
  }

  private static IdOutOfRangeException firstOutside(
      EmbeddingTable table, long[] ids, int from, int to) {
    int position = from;
    while (position < to - 1 && ids[position] >= 0 && ids[position] < table.rows()) {
      position++;
    }
    return IdOutOfRangeException.of(ids[position], table.rows(), position);
  }

  /** Adds rows one after another to each element: the same bits however many come at a time. */
  private static void add(PoolingScratch scratch, int count) {
    if (count == PoolingScratch.ROWS) {
      Rows.add(scratch.sum, scratch.rows[0], scratch.rows[1], scratch.rows[2], scratch.rows[3]);
      return;
    }
    for (int i = 0; i < count; i++) {
      Rows.add(scratch.sum, scratch.rows[i]);
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
