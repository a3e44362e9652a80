package io.github.flinkdeepfm.model.features;

/** One step from a raw dense value to the model's input, in double. */
public sealed interface Transform {

  double apply(double value);

  /** log(1 + max(x, 0)). */
  record Log1p() implements Transform {
    @Override
    public double apply(double value) {
      return StrictMath.log1p(Math.max(value, 0));
    }
  }

  /** (x − mean) / std. */
  record Standardize(double mean, double std) implements Transform {
    @Override
    public double apply(double value) {
      return (value - mean) / std;
    }
  }

  /** The nearest value in [min, max]. */
  record Clip(double min, double max) implements Transform {
    @Override
    public double apply(double value) {
      return Math.min(Math.max(value, min), max);
    }
  }
}
