package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.training.OptimizerOptions.DenseOptimizer;

/** One dense parameter, its gradient of the step under way and its optimiser's state. */
final class DenseUpdate {
  private final String name;
  private final float[] values;
  private final float[] gradient;
  private final float[] accumulator;
  private final OptimizerOptions options;

  /**
   * @param values the parameter itself, updated in place
   */
  DenseUpdate(String name, float[] values, OptimizerOptions options) {
    this.name = name;
    this.values = values;
    this.gradient = new float[values.length];
    this.accumulator = new float[options.dense() == DenseOptimizer.SGD ? 0 : values.length];
    this.options = options;
  }

  String name() {
    return name;
  }

  float[] values() {
    return values;
  }

  /** To be overwritten at every step. */
  float[] gradient() {
    return gradient;
  }

  /**
   * Moves the parameter against its gradient.
   *
   * @return whether all its values are still finite
   */
  boolean apply() {
    float rate = options.denseLearningRate();
    if (options.dense() == DenseOptimizer.SGD) {
      for (int i = 0; i < values.length; i++) {
        values[i] -= rate * gradient[i];
      }
    } else {
      float epsilon = options.epsilon();
      for (int i = 0; i < values.length; i++) {
        accumulator[i] += gradient[i] * gradient[i];
        values[i] -= rate * (gradient[i] / ((float) Math.sqrt(accumulator[i]) + epsilon));
      }
    }
    return areFinite(values);
  }

  static boolean areFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
