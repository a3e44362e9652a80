package io.github.flinkdeepfm.pipeline.bench;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas;

/**
 * The best rate at which this process's BLAS multiplies rows by the matrices of some layers, each
 * at the number of rows that suits it best.
 */
final class SgemmPeak implements AutoCloseable {
  private static final int[] ROWS = {16, 32, 64, 256};
  private static final int SAMPLE_NANOS = 1_000_000;

  /** By layer: inputs, outputs. */
  private final int[][] layers;

  private final FloatPointer a;
  private final FloatPointer b;
  private final FloatPointer c;
  private final double[] rates;

  SgemmPeak(int[][] layers) {
    this.layers = layers;
    this.rates = new double[layers.length];
    int most = ROWS[ROWS.length - 1];
    int widest = Arrays.stream(layers).mapToInt(l -> Math.max(l[0], l[1])).max().orElse(0);
    int largest = Arrays.stream(layers).mapToInt(l -> l[0] * l[1]).max().orElse(0);
    this.a = new FloatPointer(new float[largest]);
    this.b = new FloatPointer(new float[most * widest]);
    this.c = new FloatPointer(new float[most * widest]);
  }

  /** Looks for better rates than were seen so far. */
  void measure(long nanos) {
    long end = System.nanoTime() + nanos;
    while (System.nanoTime() < end) {
      for (int layer = 0; layer < layers.length; layer++) {
        for (int rows : ROWS) {
          rates[layer] = Math.max(rates[layer], rate(layers[layer][0], layers[layer][1], rows));
        }
      }
    }
  }

  private double rate(int in, int out, int rows) {
    long start = System.nanoTime();
    int calls = 0;
    long elapsed;
    do {
      openblas.cblas_sgemm(
          openblas.CblasColMajor,
          openblas.CblasNoTrans,
          openblas.CblasNoTrans,
          out,
          rows,
          in,
          1f,
          a,
          out,
          b,
          in,
          0f,
          c,
          out);
      calls++;
      elapsed = System.nanoTime() - start;
    } while (elapsed < SAMPLE_NANOS);
    return 2e9 * in * out * rows * calls / elapsed;
  }

  /** Flop/s, of the layer that reached most. */
  double best() {
    return Arrays.stream(rates).max().orElse(0);
  }

  /** Of all layers for one row. */
  double flops() {
    return Arrays.stream(layers).mapToDouble(l -> 2.0 * l[0] * l[1]).sum();
  }

  /** One row's time in one layer at that layer's own best rate. */
  double seconds(int layer) {
    return 2.0 * layers[layer][0] * layers[layer][1] / rates[layer];
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
