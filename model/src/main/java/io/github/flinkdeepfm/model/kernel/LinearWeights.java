package io.github.flinkdeepfm.model.kernel;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weight and bias of one PyTorch {@code Linear}, in the memory that the GEMM reads. Shared by all
 * scorers of a model version; immutable until closed.
 */
final class LinearWeights implements AutoCloseable {
  private final int in;
  private final int out;
  private final INDArray matrix;
  private final float[] bias;
  private final FloatBuffer values;

  /**
   * @param weight [out, in], row-major, as PyTorch stores it
   * @param bias [out]
   */
  LinearWeights(float[] weight, float[] bias) {
    this.out = bias.length;
    this.in = weight.length / out;
    this.bias = bias.clone();
    // PyTorch's row-major [out, in] is, byte for byte, the column-major [in, out] that GEMM wants.
    this.matrix = Nd4j.createUninitializedDetached(DataType.FLOAT, 'f', in, out);
    this.values = matrix.data().asNioFloat();
    values.put(0, weight);
  }

  /** [out, in], row-major, on the heap. */
  float[] copy() {
    float[] copy = new float[in * out];
    values.get(0, copy);
    return copy;
  }

  int in() {
    return in;
  }

  int out() {
    return out;
  }

  float[] bias() {
    return bias;
  }

  /** The weight from input {@code k} to output {@code j}. */
  float at(int k, int j) {
    return values.get(j * in + k);
  }

  /** [in, out], column-major. */
  INDArray matrix() {
    return matrix;
  }

  @Override
  public void close() {
    matrix.close();
  }
}
