package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.Rows;
import org.bytedeco.javacpp.FloatPointer;

/**
 * TorchRec's {@code OverArch} without its sigmoid: one dot product a row. One scorer's; not
 * thread-safe.
 */
final class OverArch implements AutoCloseable {
  private final float[] weight;
  private final float bias;
  private final int d;
  private final int di;
  private final NativeFloats deepWeight;
  private final FloatPointer deepPointer;
  private final NativeDots deepRow;

  /**
   * @param weight [D + DI + 1]
   */
  OverArch(float[] weight, float bias, int d, int di) {
    this.weight = weight;
    this.bias = bias;
    this.d = d;
    this.di = di;
    this.deepWeight = new NativeFloats(di);
    deepWeight.buffer().put(0, weight, d, di);
    this.deepPointer = deepWeight.pointer(0);
    this.deepRow = new NativeDots(di);
  }

  /**
   * The logit of {@code dense[denseAt … + D)}, {@code deep} and the FM term.
   *
   * @param deep [DI]
   */
  float logit(float[] dense, int denseAt, float[] deep, float fm) {
    deepRow.take(deep, 0, di);
    float sum = Rows.dot(dense, denseAt, weight, 0, d) + deepRow.dot(deepPointer);
    return Math.fma(fm, weight[d + di], sum) + bias;
  }

  @Override
  public void close() {
    deepWeight.close();
    deepRow.close();
  }
}
