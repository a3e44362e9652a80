package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.Rows;

/** TorchRec's {@code OverArch} without its sigmoid: one dot product a row. Immutable. */
final class OverArch {
  private final float[] weight;
  private final float bias;
  private final int d;
  private final int di;

  /**
   * @param weight [D + DI + 1]
   */
  OverArch(float[] weight, float bias, int d, int di) {
    this.weight = weight;
    this.bias = bias;
    this.d = d;
    this.di = di;
  }

  /**
   * The logit of {@code dense[denseAt … + D)}, {@code deep} and the FM term.
   *
   * @param deep [DI]
   */
  float logit(float[] dense, int denseAt, float[] deep, float fm) {
    float sum = Rows.dot(dense, denseAt, weight, 0, d) + Rows.dot(deep, 0, weight, d, di);
    return Math.fma(fm, weight[d + di], sum) + bias;
  }
}
