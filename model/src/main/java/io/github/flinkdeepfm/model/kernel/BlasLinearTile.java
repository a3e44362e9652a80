package io.github.flinkdeepfm.model.kernel;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * {@link LinearTile} by the GEMM of ND4J's OpenBLAS for a fixed number of rows T, one block of the
 * weights after another; fewer rows are padded with whatever was there. Called without ND4J around
 * it, which costs more than the arithmetic of a small tile.
 *
 * <p>The product is computed as its transpose, [out, T] = weight · [in, T]: column-major matrices
 * of those shapes are, byte for byte, the row-major ones that go in and come out.
 */
final class BlasLinearTile implements LinearTile {
  private final LinearWeights weights;
  private final LinearBlocks cut;
  private final int rows;
  private final NativeFloats input;
  private final NativeFloats output;
  private final FloatPointer[] inputs;
  private final FloatPointer[] outputs;

  /** [T, out], the bias in each row. */
  private final float[] start;

  BlasLinearTile(LinearWeights weights, int rows) {
    this.weights = weights;
    this.cut = weights.cut();
    this.rows = rows;
    this.input = new NativeFloats(rows * weights.in());
    this.output = new NativeFloats(rows * weights.out());
    this.inputs = new FloatPointer[cut.inputBlocks()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = input.pointer(cut.firstInput(i));
    }
    this.outputs = new FloatPointer[cut.outputBlocks()];
    for (int o = 0; o < outputs.length; o++) {
      outputs[o] = output.pointer(cut.firstOutput(o));
    }
    this.start = new float[rows * weights.out()];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(weights.bias(), 0, start, row * weights.out(), weights.out());
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public void multiply(float[] in, int firstRow, int count, float[] out, int firstOut) {
    int k = weights.in();
    int m = weights.out();
    input.buffer().put(0, in, firstRow * k, count * k);
    output.buffer().put(0, start);
    for (int o = 0; o < outputs.length; o++) {
      for (int i = 0; i < inputs.length; i++) {
        openblas.cblas_sgemm(
            openblas.CblasColMajor,
            openblas.CblasNoTrans,
            openblas.CblasNoTrans,
            cut.outputs(o),
            rows,
            cut.inputs(i),
            1f,
            weights.block(i, o),
            cut.outputs(o),
            inputs[i],
            k,
            1f,
            outputs[o],
            m);
      }
    }
    output.buffer().get(0, out, firstOut * m, count * m);
  }

  @Override
  public void close() {
    input.close();
    output.close();
  }
}
