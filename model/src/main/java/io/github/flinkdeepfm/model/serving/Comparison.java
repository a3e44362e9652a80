package io.github.flinkdeepfm.model.serving;

import io.github.flinkdeepfm.model.InvalidModelException;

/** Compares one output with what was expected, value by value. */
final class Comparison {
  private static final double TOLERANCE = 1e-5;

  private final String output;
  private int count;
  private double maxAbs;
  private double maxRel;
  private double maxShare;
  private String worst = "";

  Comparison(String output) {
    this.output = output;
  }

  /**
   * |got − expected| ≤ 1e-5 · max(1, |expected|) for every value.
   *
   * @throws InvalidModelException if there are not as many values
   */
  static ParityReport.Row of(String output, double[] expected, float[] got) {
    Comparison comparison = new Comparison(output);
    comparison.checkCount(expected.length, got.length);
    for (int i = 0; i < got.length; i++) {
      comparison.add(i, expected[i], got[i], Math.abs(expected[i]));
    }
    return comparison.row();
  }

  void checkCount(int expected, int got) {
    if (expected != got) {
      throw new InvalidModelException(
          "parity sample: " + output + ": expected " + expected + " values, got " + got);
    }
  }

  /** Adds a value whose error may be 1e-5 · max(1, scale). */
  void add(int index, double expected, double got, double scale) {
    count++;
    if (Double.compare(expected, got) == 0 || expected == got) {
      return;
    }
    double abs = Math.abs(got - expected);
    double share = abs / (TOLERANCE * Math.max(1, scale));
    if (Double.isNaN(share) || Double.isInfinite(share)) {
      abs = Double.POSITIVE_INFINITY;
      share = Double.POSITIVE_INFINITY;
    }
    maxAbs = Math.max(maxAbs, abs);
    maxRel = Math.max(maxRel, abs / Math.max(1, Math.abs(expected)));
    if (share > maxShare) {
      maxShare = share;
      worst = "[" + index + "] expected " + expected + ", got " + got;
    }
  }

  ParityReport.Row row() {
    return new ParityReport.Row(output, count, maxAbs, maxRel, maxShare, worst);
  }
}
