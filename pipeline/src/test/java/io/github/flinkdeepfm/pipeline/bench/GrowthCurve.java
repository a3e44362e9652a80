package io.github.flinkdeepfm.pipeline.bench;

import java.util.List;

/**
 * Speeds as something grows.
 *
 * @param points ascending in x
 */
record GrowthCurve(List<Point> points) {
  /**
   * @param x what grows
   * @param ours rows/s
   * @param theirs rows/s; null if they were not measured
   */
  record Point(long x, double ours, Double theirs) {
    /** Of one row. */
    double nanos() {
      return 1e9 / ours;
    }
  }
}
