package io.github.flinkdeepfm.model.kernel;

/** A {@code Linear} for a number of rows. One scorer's; not thread-safe. */
interface LinearTile extends AutoCloseable {

  /** How many rows one call takes at most. */
  int rows();

  /**
   * Applies the layer, bias included, to rows {@code [firstRow, firstRow + rows)} of {@code in},
   * [·, in]; what it gives goes to the rows from {@code firstOut} on of {@code out}, [·, out]. Both
   * row-major.
   */
  void multiply(float[] in, int firstRow, int rows, float[] out, int firstOut);

  @Override
  void close();
}
