package io.github.flinkdeepfm.model.kernel;

import java.util.Arrays;

/**
 * {@link LinearTile} in plain Java, one row after another: fused multiply-adds in the order of the
 * inputs, in loops along the outputs. Batch-invariant by construction.
 *
 * <p>It is what scores a row or two faster than a GEMM does, where {@link RowTiles} has found it to
 * give the GEMM's bits, and what scores everything where no GEMM is batch-invariant.
 *
 * <p>A BLAS that works through the inputs in blocks adds up each block by itself and then the
 * blocks; {@code blocks} are where they end.
 */
final class JavaLinearTile implements LinearTile {
  private final int in;
  private final int out;
  private final int rows;
  private final float[] weight;
  private final int[] blocks;
  private final float[] sum;

  /**
   * @param blocks ends of the blocks of inputs, ascending; the last is the number of inputs
   */
  JavaLinearTile(LinearWeights weights, int rows, int[] blocks) {
    this.in = weights.in();
    this.out = weights.out();
    this.rows = rows;
    this.weight = weights.byInput();
    this.blocks = blocks.clone();
    this.sum = new float[out];
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] x, int firstRow, int count, float[] product, int firstOut) {
    for (int row = 0; row < count; row++) {
      int from = (firstRow + row) * in;
      int to = (firstOut + row) * out;
      Arrays.fill(product, to, to + out, 0f);
      int k = 0;
      for (int end : blocks) {
        Arrays.fill(sum, 0f);
        for (; k + 3 < end; k += 4) {
          add4(x, from + k, k * out);
        }
        for (; k < end; k++) {
          add(x[from + k], k * out);
        }
        for (int j = 0; j < out; j++) {
          product[to + j] += sum[j];
        }
      }
    }
  }

  /** Four inputs at a time, for one load and one store of the sums. */
  private void add4(float[] x, int at, int w) {
    float x0 = x[at];
    float x1 = x[at + 1];
    float x2 = x[at + 2];
    float x3 = x[at + 3];
    int w1 = w + out;
    int w2 = w1 + out;
    int w3 = w2 + out;
    for (int j = 0; j < out; j++) {
      float s = Math.fma(x0, weight[w + j], sum[j]);
      s = Math.fma(x1, weight[w1 + j], s);
      s = Math.fma(x2, weight[w2 + j], s);
      sum[j] = Math.fma(x3, weight[w3 + j], s);
    }
  }

  private void add(float x, int w) {
    for (int j = 0; j < out; j++) {
      sum[j] = Math.fma(x, weight[w + j], sum[j]);
    }
  }

  @Override
  public void close() {}
}
