package io.github.flinkdeepfm.model.kernel;

import java.util.Arrays;

/**
 * {@link LinearTile} in plain Java, for machines on which no BLAS row count is batch-invariant: one
 * fused multiply-add after another in the order of the inputs.
 */
final class JavaLinearTile implements LinearTile {
  private final LinearWeights weights;
  private final int rows;
  private final boolean rowMajor;

  JavaLinearTile(LinearWeights weights, int rows, char inputOrder) {
    this.weights = weights;
    this.rows = rows;
    this.rowMajor = inputOrder == 'c';
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] in, int from, int length, float[] out) {
    int k = weights.in();
    int used = rowMajor ? length / k : rows;
    Arrays.fill(out, 0, rows * weights.out(), 0f);
    for (int j = 0; j < weights.out(); j++) {
      for (int i = 0; i < k; i++) {
        float w = weights.at(i, j);
        for (int t = 0; t < used; t++) {
          float x = in[from + (rowMajor ? t * k + i : i * rows + t)];
          out[j * rows + t] = Math.fma(x, w, out[j * rows + t]);
        }
      }
    }
  }

  @Override
  public void close() {}
}
