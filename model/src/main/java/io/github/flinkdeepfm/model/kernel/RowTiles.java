package io.github.flinkdeepfm.model.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The ways to multiply a number of rows by a layer's weights that give a row the same bits wherever
 * it stands and whatever stands beside it, found by trying them on the machine at hand with the
 * model's own weights. Batch invariance rests on this.
 *
 * <p>BLAS picks its kernel by shape alone, so what holds for the probe's rows holds for all. The
 * choice depends on model and machine, never on traffic; it is part of the numerics fingerprint.
 *
 * @param gemm the row counts T at which all GEMMs agree bit for bit, ascending; empty if BLAS
 *     cannot be trusted here
 * @param blocks where the blocks of inputs end with which {@link JavaLinearTile} gives these bits
 *     too; empty if none were found
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RowTiles(int[] gemm, int[] blocks) {
  private static final int[] CANDIDATES = {64, 32, 16, 8};
  private static final int PROBE_ROWS = 2;
  private static final double WRONG = 1e-3;

  /** Inputs that OpenBLAS takes at a time (its GEMM_Q), for the CPU cores that it knows. */
  private static final int[] BLOCK_SIZES = {Integer.MAX_VALUE, 448, 384, 352, 320, 256, 768, 640};

  /** Inputs of a block are counted in these when what is left is halved. */
  private static final int[] BLOCK_UNROLLS = {1, 4, 8, 16};

  /**
   * Tries all candidates. Those that need no packing come first: a packed one is as fast with 64
   * rows only, and its bits may be others.
   */
  static RowTiles find(LinearWeights weights) {
    List<float[]> probes = probes(weights.in());
    int[] unpacked = Arrays.stream(CANDIDATES).filter(weights.cut()::isUnpacked).toArray();
    RowTiles found = find(weights, probes, unpacked);
    return found.hasGemm() ? found : find(weights, probes, CANDIDATES);
  }

  /**
   * @param candidates descending
   */
  private static RowTiles find(LinearWeights weights, List<float[]> probes, int[] candidates) {
    for (int i = 0; i < candidates.length; i++) {
      List<int[]> reference = gemm(weights, probes, candidates[i]);
      if (reference == null) {
        continue;
      }
      int[] found = new int[candidates.length];
      int n = 0;
      for (int j = candidates.length - 1; j > i; j--) {
        if (same(reference, gemm(weights, probes, candidates[j]))) {
          found[n++] = candidates[j];
        }
      }
      found[n++] = candidates[i];
      return new RowTiles(Arrays.copyOf(found, n), blocks(weights, probes, reference));
    }
    return new RowTiles(new int[0], weights.cut().inputEnds());
  }

  boolean hasGemm() {
    return gemm.length > 0;
  }

  boolean hasJava() {
    return blocks.length > 0;
  }

  private static List<float[]> probes(int in) {
    List<float[]> probes = new ArrayList<>();
    Random random = new Random(42);
    for (int i = 0; i < PROBE_ROWS; i++) {
      float[] row = new float[in];
      for (int k = 0; k < in; k++) {
        row[k] = (float) random.nextGaussian();
      }
      probes.add(row);
    }
    return probes;
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

  private static int[] blocks(LinearWeights weights, List<float[]> probes, List<int[]> reference) {
    List<int[]> tried = new ArrayList<>();
    for (int size : BLOCK_SIZES) {
      for (int unroll : BLOCK_UNROLLS) {
        int[] ends = blockEnds(weights.cut(), size, unroll);
        if (tried.stream().noneMatch(t -> Arrays.equals(t, ends))) {
          tried.add(ends);
          try (LinearTile java = new JavaLinearTile(weights, 1, ends)) {
            if (same(reference, outputs(java, weights, probes, 1))) {
              return ends;
            }
          }
        }
      }
    }
    return new int[0];
  }

  private static int[] blockEnds(LinearBlocks cut, int size, int unroll) {
    return IntStream.range(0, cut.inputBlocks())
        .boxed()
        .flatMapToInt(
            block ->
                Arrays.stream(blockEnds(cut.inputs(block), size, unroll))
                    .map(end -> cut.firstInput(block) + end))
        .toArray();
  }

  /** As OpenBLAS cuts the inputs: blocks of one size, and what is left over halved if need be. */
  static int[] blockEnds(int in, int size, int unroll) {
    List<Integer> ends = new ArrayList<>();
    int at = 0;
    while (at < in) {
      int left = in - at;
      int block = left;
      if (left / 2 >= size) {
        block = size;
      } else if (left > size) {
        block = (left / 2 + unroll - 1) / unroll * unroll;
      }
      at += block;
      ends.add(at);
    }
    return ends.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<int[]> gemm(LinearWeights weights, List<float[]> probes, int rows) {
    try (LinearTile tile = new BlasLinearTile(weights, rows)) {
      return outputs(tile, weights, probes, rows);
    }
  }

  /** The bits of every probe's product, or null if a row's place changes them or they are wrong. */
  private static List<int[]> outputs(
      LinearTile tile, LinearWeights weights, List<float[]> probes, int rows) {
    List<int[]> all = new ArrayList<>();
    for (float[] probe : probes) {
      int[] bits = output(tile, weights, probe, rows);
      if (bits == null) {
        return null;
      }
      all.add(bits);
    }
    return all;
  }

  private static int[] output(LinearTile tile, LinearWeights weights, float[] probe, int rows) {
    int in = weights.in();
    int out = weights.out();
    float[] input = new float[rows * in];
    for (int t = 0; t < rows; t++) {
      System.arraycopy(probe, 0, input, t * in, in);
    }
    float[] product = new float[rows * out];
    tile.multiply(input, 0, rows, product, 0);
    int[] bits = new int[out];
    for (int j = 0; j < out; j++) {
      bits[j] = Float.floatToRawIntBits(product[j]);
      for (int t = 1; t < rows; t++) {
        if (Float.floatToRawIntBits(product[t * out + j]) != bits[j]) {
          return null;
        }
      }
    }
    return isRight(weights, probe, product) ? bits : null;
  }

  private static boolean isRight(LinearWeights w, float[] probe, float[] product) {
    for (int j = 0; j < w.out(); j++) {
      double exact = w.bias()[j];
      double scale = 1 + Math.abs(exact);
      for (int k = 0; k < probe.length; k++) {
        double term = (double) probe[k] * w.at(k, j);
        exact += term;
        scale += Math.abs(term);
      }
      if (!(Math.abs(product[j] - exact) <= WRONG * scale) && !Double.isNaN(exact)) {
        return false;
      }
    }
    return true;
  }
}
