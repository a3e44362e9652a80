package io.github.flinkdeepfm.model.modules;

/**
 * Rows of one embedding table, wherever they lie: in a mapped file, on the heap, or as an overlay
 * of changed rows over another table. Reads are thread-safe; nothing here allocates.
 *
 * <p>Shapes: R rows, D columns. Every element is widened to f32.
 */
public interface EmbeddingTable {

  /** R. */
  long rows();

  /** D. */
  int dim();

  DataType dataType();

  /**
   * Copies row {@code row}, widened to f32, to {@code out[offset … offset + D)}.
   *
   * @param row 0 ≤ row &lt; R; the caller has checked it
   */
  void readRow(long row, float[] out, int offset);

  /**
   * Copies the named rows, widened to f32: row {@code ids[from + i]} to {@code out[offset +
   * i*stride … + D)}. The same as {@link #readRow} for each, without a call for each.
   *
   * @param ids ids[from … to), each 0 ≤ id &lt; R; the caller has checked them
   */
  default void readRows(long[] ids, int from, int to, float[] out, int offset, int stride) {
    for (int i = from; i < to; i++) {
      readRow(ids[i], out, offset + (i - from) * stride);
    }
  }

  /**
   * Reads a little of each of the named rows, so that the reads which follow find them in the cache
   * or on their way: many independent misses under way at once instead of one after another.
   *
   * @param ids ids[from … to), each 0 ≤ id &lt; R; the caller has checked them
   * @return a value that depends on what was read, so that the reads are not optimised away
   */
  int touch(long[] ids, int from, int to);
}
