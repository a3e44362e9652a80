package io.github.flinkdeepfm.model.kernel;

import java.util.Arrays;

/**
 * {@link LinearTile} in plain Java: one fused multiply-add after another in the order of the
 * inputs, in loops along the rows. Batch-invariant by construction; for machines on which no BLAS
 * row count is.
 */
final class JavaLinearTile implements LinearTile {
  private final int in;
  private final int out;
  private final int rows;
  private final float[] weight;

  /** The input column by column; null if it comes that way. */
  private final float[] columns;

  /**
   * @param inputOrder 'c' for rows one after another, 'f' for columns
   */
  JavaLinearTile(LinearWeights weights, int rows, char inputOrder) {
    this.in = weights.in();
    this.out = weights.out();
    this.rows = rows;
    this.weight = weights.copy();
    this.columns = inputOrder == 'c' ? new float[in * rows] : null;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] input, int from, int length, float[] product) {
    float[] x = input;
    int base = from;
    if (columns != null) {
      transpose(input, from, length / in);
      x = columns;
      base = 0;
    }
    for (int j = 0; j < out; j++) {
      int at = j * rows;
      int w = j * in;
      Arrays.fill(product, at, at + rows, 0f);
      int k = 0;
      for (; k + 3 < in; k += 4) {
        add4(x, base + k * rows, w + k, product, at);
      }
      for (; k < in; k++) {
        add(x, base + k * rows, weight[w + k], product, at);
      }
    }
  }

  private void transpose(float[] input, int from, int used) {
    for (int row = 0; row < used; row++) {
      for (int k = 0; k < in; k++) {
        columns[k * rows + row] = input[from + row * in + k];
      }
    }
  }

  /** Four inputs at a time, for one load and one store of the product. */
  private void add4(float[] x, int a, int w, float[] product, int at) {
    float w0 = weight[w];
    float w1 = weight[w + 1];
    float w2 = weight[w + 2];
    float w3 = weight[w + 3];
    int b = a + rows;
    int c = b + rows;
    int d = c + rows;
    for (int t = 0; t < rows; t++) {
      float sum = Math.fma(x[a + t], w0, product[at + t]);
      sum = Math.fma(x[b + t], w1, sum);
      sum = Math.fma(x[c + t], w2, sum);
      product[at + t] = Math.fma(x[d + t], w3, sum);
    }
  }

  private void add(float[] x, int a, float w, float[] product, int at) {
    for (int t = 0; t < rows; t++) {
      product[at + t] = Math.fma(x[a + t], w, product[at + t]);
    }
  }

  @Override
  public void close() {}
}
