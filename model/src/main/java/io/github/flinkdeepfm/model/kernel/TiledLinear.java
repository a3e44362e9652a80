package io.github.flinkdeepfm.model.kernel;

/**
 * One {@code Linear} for any number of rows: cut into the tiles that {@link RowTiles} has found to
 * agree bit for bit. One scorer's; not thread-safe. Nothing is allocated after the first batches.
 */
final class TiledLinear implements AutoCloseable {
  /** Rows up to which Java beats a GEMM of the least tile. A matter of speed: the bits are one. */
  private static final int JAVA_ROWS = 1;

  private final LinearWeights weights;
  private final int[] sizes;
  private final LinearTile java;
  private final int javaRows;
  private final LinearTile[] gemm;

  TiledLinear(LinearWeights weights, RowTiles found) {
    this.weights = weights;
    this.sizes = found.gemm();
    if (!found.hasGemm()) {
      this.javaRows = Integer.MAX_VALUE;
    } else {
      this.javaRows = found.hasJava() ? JAVA_ROWS : 0;
    }
    this.gemm = new LinearTile[sizes.length];
    this.java = javaRows > 0 ? new JavaLinearTile(weights, javaRows, found.blocks()) : null;
  }

  /**
   * Applies the layer, bias included, to rows {@code [firstRow, firstRow + rows)} of {@code in},
   * [·, in]; what it gives goes to rows {@code [0, rows)} of {@code out}, [·, out]. Both row-major.
   */
  void multiply(float[] in, int firstRow, int rows, float[] out) {
    for (int done = 0; done < rows; ) {
      LinearTile tile = rows - done <= javaRows ? java : tileFor(rows - done);
      int count = Math.min(tile.rows(), rows - done);
      tile.multiply(in, firstRow + done, count, out, done);
      done += count;
    }
  }

  /** The smallest tile that takes all of the rows, or the largest one. */
  private LinearTile tileFor(int rows) {
    int i = 0;
    while (i < sizes.length - 1 && sizes[i] < rows) {
      i++;
    }
    if (gemm[i] == null) {
      gemm[i] = new BlasLinearTile(weights, sizes[i]);
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
