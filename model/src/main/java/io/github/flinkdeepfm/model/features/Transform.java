package io.github.flinkdeepfm.model.features;

/** One step from a raw dense value to its column, in double by {@link StrictMath}. */
public sealed interface Transform {

  double apply(double x);

  /** log(1 + max(x, 0)). */
  record Log1p() implements Transform {
    @Override
    public double apply(double x) {
      return StrictMath.log1p(StrictMath.max(x, 0.0));
    }
  }

  /**
   * (x - mean) / std.
   *
   * @param mean finite
   * @param std finite, not 0
   */
  record Standardize(double mean, double std) implements Transform {
    @Override
    public double apply(double x) {
      return (x - mean) / std;
    }
  }

  /**
   * x, but at least min and at most max.
   *
   * @param min finite, at most {@code max}
   * @param max finite
   */
  record Clip(double min, double max) implements Transform {
    @Override
    public double apply(double x) {
      return StrictMath.min(StrictMath.max(x, min), max);
    }
  }
}
