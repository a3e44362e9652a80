package io.github.flinkdeepfm.model.kernel;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * {@link LinearTile} by ND4J's GEMM on preallocated native arrays of a fixed number of rows T;
 * fewer are padded with whatever was there.
 *
 * <p>The product is computed as its transpose, [out, T] = weightᵀ · [in, T]: column-major arrays of
 * those shapes are, byte for byte, the row-major ones that go in and come out.
 */
final class Nd4jLinearTile implements LinearTile {
  private final LinearWeights weights;
  private final int rows;
  private final INDArray input;
  private final INDArray output;
  private final FloatBuffer inputBuffer;
  private final FloatBuffer outputBuffer;

  Nd4jLinearTile(LinearWeights weights, int rows) {
    this.weights = weights;
    this.rows = rows;
    this.input = Nd4j.createUninitializedDetached(DataType.FLOAT, 'f', weights.in(), rows);
    INDArray product = null;
    boolean made = false;
    try {
      product = Nd4j.createUninitializedDetached(DataType.FLOAT, 'f', weights.out(), rows);
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
  public void multiply(float[] in, int firstRow, int count, float[] out, int firstOut) {
    inputBuffer.put(0, in, firstRow * weights.in(), count * weights.in());
    Nd4j.gemm(weights.matrix(), input, output, true, false, 1.0, 0.0);
    outputBuffer.get(0, out, firstOut * weights.out(), count * weights.out());
  }

  @Override
  public void close() {
    input.close();
    output.close();
  }
}
