package io.github.flinkdeepfm.model.kernel;

/** A {@code Linear} for a number of rows. One scorer's; not thread-safe. */
interface LinearTile extends AutoCloseable {

  /** How many rows one call takes at most. */
  int rows();

  /**
   * Multiplies rows {@code [firstRow, firstRow + rows)} of {@code in}, [·, in], into rows {@code
   * [0, rows)} of {@code out}, [·, out]; both row-major.
   */
  void multiply(float[] in, int firstRow, int rows, float[] out, int firstOut);

  @Override
  void close();
}
