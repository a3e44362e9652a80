package io.github.flinkdeepfm.model.kernel;

import org.bytedeco.openblas.global.openblas;

/**
 * {@link LinearTile} by the GEMM of ND4J's OpenBLAS for a fixed number of rows T; fewer are padded
 * with whatever was there. Called without ND4J around it, which costs more than the arithmetic of a
 * small tile.
 *
 * <p>The product is computed as its transpose, [out, T] = weight · [in, T]: column-major matrices
 * of those shapes are, byte for byte, the row-major ones that go in and come out.
 */
final class BlasLinearTile implements LinearTile {
  private final LinearWeights weights;
  private final int rows;
  private final NativeFloats input;
  private final NativeFloats output;

  BlasLinearTile(LinearWeights weights, int rows) {
    this.weights = weights;
    this.rows = rows;
    this.input = new NativeFloats(rows * weights.in());
    this.output = new NativeFloats(rows * weights.out());
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] in, int firstRow, int count, float[] out, int firstOut) {
    int k = weights.in();
    int m = weights.out();
    input.buffer().put(0, in, firstRow * k, count * k);
    openblas.cblas_sgemm(
        openblas.CblasColMajor,
        openblas.CblasNoTrans,
        openblas.CblasNoTrans,
        m,
        rows,
        k,
        1f,
        weights.matrix().pointer(),
        m,
        input.pointer(),
        k,
        0f,
        output.pointer(),
        m);
    output.buffer().get(0, out, firstOut * m, count * m);
  }

  @Override
  public void close() {
    input.close();
    output.close();
  }
}
