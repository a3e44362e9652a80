package io.github.flinkdeepfm.model.kernel;

/**
 * Weight and bias of one PyTorch {@code Linear}, by input: on the heap for plain loops and in the
 * memory that the GEMM reads. Shared by all scorers of a model version; immutable until closed.
 */
final class LinearWeights implements AutoCloseable {
  private final int in;
  private final int out;
  private final float[] byInput;
  private final NativeFloats matrix;
  private final float[] bias;

  /**
   * @param weight [out, in], row-major, as PyTorch stores it
   * @param bias [out]
   */
  LinearWeights(float[] weight, float[] bias) {
    this.out = bias.length;
    this.in = weight.length / out;
    this.bias = bias.clone();
    this.byInput = new float[in * out];
    for (int j = 0; j < out; j++) {
      for (int k = 0; k < in; k++) {
        byInput[k * out + j] = weight[j * in + k];
      }
    }
    this.matrix = new NativeFloats(in * out);
    matrix.buffer().put(0, byInput);
  }

  /** [in, out], row-major. */
  float[] byInput() {
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
    return byInput[k * out + j];
  }

  /** The same as {@link #byInput}: [out, in], column-major. */
  NativeFloats matrix() {
    return matrix;
  }

  @Override
  public void close() {
    matrix.close();
  }
}
