package io.github.flinkdeepfm.model.kernel;

import org.bytedeco.javacpp.FloatPointer;

/**
 * Weight and bias of one PyTorch {@code Linear}, by input: on the heap for plain loops and, block
 * by block, in the memory that the GEMM reads. Shared by all scorers of a model version; immutable
 * until closed.
 */
final class LinearWeights implements AutoCloseable {
  private final int in;
  private final int out;
  private final LinearBlocks cut;
  private final float[][] byInput;
  private final NativeFloats matrix;
  private final FloatPointer[][] blocks;
  private final float[] bias;

  /**
   * @param weight [out, in], row-major, as PyTorch stores it
   * @param bias [out]
   */
  LinearWeights(float[] weight, float[] bias) {
    this.out = bias.length;
    this.in = weight.length / out;
    this.cut = LinearBlocks.of(in, out);
    this.bias = bias.clone();
    this.byInput = new float[in][out];
    for (int j = 0; j < out; j++) {
      for (int k = 0; k < in; k++) {
        byInput[k][j] = weight[j * in + k];
      }
    }
    this.matrix = new NativeFloats(in * out);
    this.blocks = new FloatPointer[cut.inputBlocks()][cut.outputBlocks()];
    int at = 0;
    for (int i = 0; i < cut.inputBlocks(); i++) {
      for (int o = 0; o < cut.outputBlocks(); o++) {
        blocks[i][o] = matrix.pointer(at);
        for (int k = cut.firstInput(i); k < cut.inputEnds()[i]; k++) {
          matrix.buffer().put(at, byInput[k], cut.firstOutput(o), cut.outputs(o));
          at += cut.outputs(o);
        }
      }
    }
  }

  /** The weights from each input, [out] each. */
  float[][] byInput() {
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

  LinearBlocks cut() {
    return cut;
  }

  /** The weight from input {@code k} to output {@code j}. */
  float at(int k, int j) {
    return byInput[k][j];
  }

  /** One block: [outputs, inputs], column-major, without gaps. */
  FloatPointer block(int inputBlock, int outputBlock) {
    return blocks[inputBlock][outputBlock];
  }

  @Override
  public void close() {
    matrix.close();
  }
}
