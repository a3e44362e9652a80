package io.github.flinkdeepfm.model.kernel;

/**
 * Multiplies T rows at once by the matrix of a {@code Linear}, without its bias. One scorer's; not
 * thread-safe.
 */
interface LinearTile extends AutoCloseable {

  /** T. */
  int rows();

  /**
   * Multiplies {@code in[from … from + length)}, rows in the tile's input order; rows beyond them
   * hold anything. Column j of row t goes to {@code out[j*T + t]}.
   */
  void multiply(float[] in, int from, int length, float[] out);

  @Override
  void close();
}
