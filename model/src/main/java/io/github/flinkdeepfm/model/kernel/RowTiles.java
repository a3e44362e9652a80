package io.github.flinkdeepfm.model.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * The GEMM row counts T that give a row the same bits wherever it stands and whatever stands beside
 * it, found by trying them on the machine at hand with the model's own weights. Batch invariance
 * rests on this.
 *
 * <p>BLAS picks its kernel by shape alone, so what holds for the probe's rows holds for all. The
 * choice depends on model and machine, never on traffic; it is part of the numerics fingerprint.
 */
final class RowTiles {
  private static final int[] CANDIDATES = {256, 128, 64, 32, 16, 8};
  private static final int PROBE_ROWS = 2;
  private static final double WRONG = 1e-3;

  private RowTiles() {}

  /** A matrix and how its input tile is ordered. */
  record Operand(LinearWeights weights, char inputOrder) {}

  /**
   * Tries all candidates.
   *
   * @return row counts in ascending order, all of which agree bit for bit; empty if BLAS cannot be
   *     trusted here, then the caller multiplies in Java
   */
  static int[] find(List<Operand> operands) {
    List<List<float[]>> probes = new ArrayList<>();
    Random random = new Random(42);
    for (Operand operand : operands) {
      List<float[]> rows = new ArrayList<>();
      for (int i = 0; i < PROBE_ROWS; i++) {
        float[] row = new float[operand.weights().in()];
        for (int k = 0; k < row.length; k++) {
          row[k] = (float) random.nextGaussian();
        }
        rows.add(row);
      }
      probes.add(rows);
    }
    int[] best = {};
    for (int i = 0; i < CANDIDATES.length && best.length == 0; i++) {
      List<int[]> reference = outputs(operands, probes, CANDIDATES[i]);
      if (reference == null) {
        continue;
      }
      int[] found = new int[CANDIDATES.length];
      int n = 0;
      for (int j = CANDIDATES.length - 1; j > i; j--) {
        if (same(reference, outputs(operands, probes, CANDIDATES[j]))) {
          found[n++] = CANDIDATES[j];
        }
      }
      found[n++] = CANDIDATES[i];
      best = Arrays.copyOf(found, n);
    }
    return best;
  }

  private static boolean same(List<int[]> a, List<int[]> b) {
    if (b == null) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (!Arrays.equals(a.get(i), b.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The bits of every probe's product, or null if a row's place changes them or they are wrong. */
  private static List<int[]> outputs(List<Operand> operands, List<List<float[]>> probes, int rows) {
    List<int[]> all = new ArrayList<>();
    for (int o = 0; o < operands.size(); o++) {
      Operand operand = operands.get(o);
      try (LinearTile tile = new Nd4jLinearTile(operand.weights(), rows, operand.inputOrder())) {
        for (float[] probe : probes.get(o)) {
          int[] bits = output(tile, operand, probe, rows);
          if (bits == null) {
            return null;
          }
          all.add(bits);
        }
      }
    }
    return all;
  }

  private static int[] output(LinearTile tile, Operand operand, float[] probe, int rows) {
    int in = operand.weights().in();
    int out = operand.weights().out();
    float[] input = new float[rows * in];
    for (int t = 0; t < rows; t++) {
      for (int k = 0; k < in; k++) {
        input[operand.inputOrder() == 'c' ? t * in + k : k * rows + t] = probe[k];
      }
    }
    float[] product = new float[rows * out];
    tile.multiply(input, 0, input.length, product);
    int[] bits = new int[out];
    for (int j = 0; j < out; j++) {
      bits[j] = Float.floatToRawIntBits(product[j * rows]);
      for (int t = 1; t < rows; t++) {
        if (Float.floatToRawIntBits(product[j * rows + t]) != bits[j]) {
          return null;
        }
      }
    }
    return isRight(operand.weights(), probe, product, rows) ? bits : null;
  }

  private static boolean isRight(LinearWeights w, float[] probe, float[] product, int rows) {
    for (int j = 0; j < w.out(); j++) {
      double exact = 0;
      double scale = 1;
      for (int k = 0; k < probe.length; k++) {
        double term = (double) probe[k] * w.at(k, j);
        exact += term;
        scale += Math.abs(term);
      }
      if (!(Math.abs(product[j * rows] - exact) <= WRONG * scale) && !Double.isNaN(exact)) {
        return false;
      }
    }
    return true;
  }
}
