package io.github.flinkdeepfm.model.kernel;

/**
 * TorchRec's {@code OverArch} without its sigmoid: one dot product a row. A row's products are
 * added up in halves, a fixed order that the JIT turns into vector instructions. One scorer's; not
 * thread-safe.
 */
final class OverArch {
  /** So few are added one after another. */
  private static final int TAIL = 8;

  private final float[] weight;
  private final float bias;
  private final int d;
  private final int di;
  private final float[] products;

  /**
   * @param weight [D + DI + 1]
   */
  OverArch(float[] weight, float bias, int d, int di) {
    this.weight = weight;
    this.bias = bias;
    this.d = d;
    this.di = di;
    this.products = new float[d + di + 1];
  }

  /** The logit of {@code dense[denseAt … + D)}, {@code deep[deepAt … + DI)} and the FM term. */
  float logit(float[] dense, int denseAt, float[] deep, int deepAt, float fm) {
    float[] p = products;
    for (int j = 0; j < di; j++) {
      p[j] = deep[deepAt + j] * weight[d + j];
    }
    for (int j = 0; j < d; j++) {
      p[di + j] = dense[denseAt + j] * weight[j];
    }
    p[d + di] = fm * weight[d + di];
    int n = d + di + 1;
    while (n > TAIL) {
      int half = n >>> 1;
      int upper = n - half;
      for (int j = 0; j < half; j++) {
        p[j] += p[upper + j];
      }
      n = upper;
    }
    float sum = bias;
    for (int j = 0; j < n; j++) {
      sum += p[j];
    }
    return sum;
  }
}
