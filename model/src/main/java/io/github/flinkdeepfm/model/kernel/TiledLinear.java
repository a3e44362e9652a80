package io.github.flinkdeepfm.model.kernel;

/**
 * One {@code Linear}, without its bias, for any number of rows: cut into the tiles that {@link
 * RowTiles} has found to agree bit for bit. One scorer's; not thread-safe. Nothing is allocated
 * after the first batches.
 */
final class TiledLinear implements AutoCloseable {
  /**
   * Multiply-adds and rows up to which Java beats a call of the GEMM. A matter of speed only: the
   * bits are the same.
   */
  private static final int JAVA_WORK = 1 << 20;

  private static final int JAVA_ROWS = 64;

  private final LinearWeights weights;
  private final RowTiles found;
  private final LinearTile java;
  private final int javaRows;
  private final LinearTile[] gemm;

  TiledLinear(LinearWeights weights, RowTiles found) {
    this.weights = weights;
    this.found = found;
    this.gemm = new LinearTile[found.gemm().length];
    if (!found.hasGemm()) {
      this.javaRows = Integer.MAX_VALUE;
    } else {
      this.javaRows =
          found.hasJava() ? Math.min(JAVA_ROWS, JAVA_WORK / (weights.in() * weights.out())) : 0;
    }
    this.java = javaRows > 0 ? new JavaLinearTile(weights, javaRows, found.blocks()) : null;
  }

  /**
   * Multiplies rows {@code [firstRow, firstRow + rows)} of {@code in}, [·, in], into rows {@code
   * [0, rows)} of {@code out}, [·, out]; both row-major.
   */
  void multiply(float[] in, int firstRow, int rows, float[] out) {
    if (rows <= javaRows) {
      java.multiply(in, firstRow, rows, out, 0);
      return;
    }
    for (int done = 0; done < rows; ) {
      LinearTile tile = tileFor(rows - done);
      int count = Math.min(tile.rows(), rows - done);
      tile.multiply(in, firstRow + done, count, out, done);
      done += count;
    }
  }

  /** The smallest tile that takes all of the rows, or the largest one. */
  private LinearTile tileFor(int rows) {
    int[] sizes = found.gemm();
    int i = 0;
    while (i < sizes.length - 1 && sizes[i] < rows) {
      i++;
    }
    if (gemm[i] == null) {
      gemm[i] = new Nd4jLinearTile(weights, sizes[i]);
    }
    return gemm[i];
  }

  @Override
  public void close() {
    for (LinearTile tile : gemm) {
      if (tile != null) {
        tile.close();
      }
    }
  }
}
