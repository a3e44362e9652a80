package io.github.flinkdeepfm.model.modules;

/**
 * An FP32 table on the heap: for small models, tests and training, where rows change.
 *
 * <p>The array is not copied: who holds it may write rows, and readers see that without any
 * ordering guarantee.
 */
public final class HeapTable implements EmbeddingTable {
  private static final int FLOATS_PER_LINE = 16;

  private final int dim;
  private final float[] values;

  /**
   * @param dim D, above 0
   * @param values R·D floats, row by row
   */
  public HeapTable(int dim, float[] values) {
    if (dim <= 0 || values.length % dim != 0) {
      throw new IllegalArgumentException(
          "expected a multiple of the dimension, got "
              + values.length
              + " values for dimension "
              + dim);
    }
    this.dim = dim;
    this.values = values;
  }

  /** The rows themselves, R·D floats, not a copy. */
  public float[] values() {
    return values;
  }

  @Override
  public long rows() {
    return values.length / dim;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public DataType dataType() {
    return DataType.FP32;
  }

  @Override
  public void readRow(long row, float[] out, int offset) {
    System.arraycopy(values, (int) row * dim, out, offset, dim);
  }

  @Override
  public void readRows(long[] ids, int from, int to, float[] out, int offset, int stride) {
    for (int i = from; i < to; i++) {
      System.arraycopy(values, (int) ids[i] * dim, out, offset + (i - from) * stride, dim);
    }
  }

  @Override
  public int touch(long[] ids, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      int begin = (int) ids[i] * dim;
      // Rows need not begin at a cache line: the last word may lie in one of its own.
      sum += Float.floatToRawIntBits(values[begin]);
      sum += Float.floatToRawIntBits(values[begin + dim - 1]);
    }
    if (dim > FLOATS_PER_LINE) {
      for (int i = from; i < to; i++) {
        int end = ((int) ids[i] + 1) * dim;
        for (int at = end - dim + FLOATS_PER_LINE; at < end; at += FLOATS_PER_LINE) {
          sum += Float.floatToRawIntBits(values[at]);
        }
      }
    }
    return sum;
  }
}
