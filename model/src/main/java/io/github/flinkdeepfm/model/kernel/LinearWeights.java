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
  private float[] byInput;

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

  /** [in, out], row-major, on the heap; made when it is first asked for. */
  synchronized float[] byInput() {
    if (byInput == null) {
      byInput = new float[in * out];
      for (int j = 0; j < out; j++) {
        for (int k = 0; k < in; k++) {
          byInput[k * out + j] = values.get(j * in + k);
        }
      }
    }
    return byInput;
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
