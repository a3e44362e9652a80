package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.Rows;
import java.util.Arrays;

/**
 * {@link LinearTile} in plain Java, one row after another: fused multiply-adds in the order of the
 * inputs, in loops along the outputs. Batch-invariant by construction.
 *
 * <p>It is what scores a single row faster than a GEMM does, where {@link RowTiles} has found it to
 * give the GEMM's bits, and what all layers go through where no GEMM is batch-invariant.
 *
 * <p>A BLAS that works through the inputs in blocks adds up each block by itself and then the
 * blocks; {@code blocks} are where they end.
 *
 * <p>The JIT vectorises loops over whole arrays with one index; of loops whose arrays begin at
 * different variable offsets it makes scalar code, five times slower. Hence an array for each input
 * and one for the sums.
 */
final class JavaLinearTile implements LinearTile {
  private final int in;
  private final int out;
  private final int rows;
  private final float[][] weight;
  private final float[] bias;
  private final int[] blocks;
  private final float[] sum;
  private final float[] total;

  /**
   * @param blocks ends of the blocks of inputs, ascending; the last is the number of inputs
   */
  JavaLinearTile(LinearWeights weights, int rows, int[] blocks) {
    this.in = weights.in();
    this.out = weights.out();
    this.rows = rows;
    this.weight = weights.byInput();
    this.bias = weights.bias();
    this.blocks = blocks.clone();
    this.sum = new float[out];
    this.total = new float[out];
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] x, int firstRow, int count, float[] product, int firstOut) {
    for (int row = 0; row < count; row++) {
      int from = (firstRow + row) * in;
      System.arraycopy(bias, 0, total, 0, out);
      int k = 0;
      for (int end : blocks) {
        Arrays.fill(sum, 0f);
        for (; k + 3 < end; k += 4) {
          Rows.addScaled(
              sum,
              x[from + k],
              weight[k],
              x[from + k + 1],
              weight[k + 1],
              x[from + k + 2],
              weight[k + 2],
              x[from + k + 3],
              weight[k + 3]);
        }
        for (; k < end; k++) {
          Rows.addScaled(sum, x[from + k], weight[k]);
        }
        Rows.add(total, sum);
      }
      System.arraycopy(total, 0, product, (firstOut + row) * out, out);
    }
  }

  @Override
  public void close() {}
}
