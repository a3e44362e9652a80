package io.github.flinkdeepfm.model.kernel;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link LinearTile} by ND4J's GEMM on preallocated native arrays of a fixed number of rows. */
final class Nd4jLinearTile implements LinearTile {
  private final LinearWeights weights;
  private final int rows;
  private final INDArray input;
  private final INDArray output;
  private final FloatBuffer inputBuffer;
  private final FloatBuffer outputBuffer;

  /**
   * @param inputOrder 'c' where rows are put in one by one, 'f' where the output of another tile is
   *     handed on
   */
  Nd4jLinearTile(LinearWeights weights, int rows, char inputOrder) {
    this.weights = weights;
    this.rows = rows;
    this.input = Nd4j.createUninitializedDetached(DataType.FLOAT, inputOrder, rows, weights.in());
    INDArray product = null;
    boolean made = false;
    try {
      product = Nd4j.createUninitializedDetached(DataType.FLOAT, 'f', rows, weights.out());
      this.inputBuffer = input.data().asNioFloat();
      this.outputBuffer = product.data().asNioFloat();
      inputBuffer.put(0, new float[rows * weights.in()]);
      made = true;
    } finally {
      if (!made) {
        input.close();
        if (product != null) {
          product.close();
        }
      }
    }
    this.output = product;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] in, int from, int length, float[] out) {
    inputBuffer.put(0, in, from, length);
    Nd4j.gemm(input, weights.matrix(), output, false, false, 1.0, 0.0);
    outputBuffer.get(0, out, 0, rows * weights.out());
  }

  @Override
  public void close() {
    input.close();
    output.close();
  }
}
