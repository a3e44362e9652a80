package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.kernel.HostEmbeddingBags;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.pipeline.bench.BenchModel.Shape;
import io.github.flinkdeepfm.pipeline.bench.Workload.Batch;
import io.github.flinkdeepfm.pipeline.bench.Workload.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A batch's time over what the machine needs for its arithmetic and its row reads alone: the flops
 * of the three GEMMs at the best rate that this BLAS shows on one thread, and the rows' bytes read
 * into a buffer that stays in the L1 cache, the fastest way known here. Workload {@code uniform},
 * whose model has no projected tables.
 */
public final class FloorSpeed {
  private static final int B = 1024;
  private static final int EVENTS = 1 << 16;
  private static final int ROUNDS = 9;
  private static final long ROUND_NANOS = 100_000_000L;
  private static final int POOLED_ROWS = 64;

  /** Keeps what is read from being optimised away. */
  @SuppressWarnings("unused")
  private static volatile float sink;

  private final Shape shape;
  private final BenchModel model;
  private final Batch[] batches;
  private final float[] rows;

  private FloorSpeed(Shape shape, BenchModel model) {
    this.shape = shape;
    this.model = model;
    this.rows = new float[POOLED_ROWS * shape.d()];
    this.batches = new Workload(model.config(), Kind.UNIFORM, EVENTS, 7).batches(B);
  }

  public static void main(String[] args) throws Exception {
    BenchReport report = new BenchReport(Path.of(args[0]));
    for (Shape shape : List.of(Shape.S, Shape.L)) {
      try (BenchModel model = new BenchModel(shape, Kind.UNIFORM.tableRows())) {
        report.add(new FloorSpeed(shape, model).measure());
      }
    }
  }

  private BenchRow measure() throws Exception {
    int x = shape.d() * (1 + model.config().tables().size());
    int[][] layers = {{shape.n(), shape.h()}, {shape.h(), shape.d()}, {x, shape.di()}};
    try (HostDeepFm host = model.host();
        DeepFmScorer scorer = host.newScorer();
        SgemmPeak gemm = new SgemmPeak(layers)) {
      HostEmbeddingBags bags =
          new HostEmbeddingBags(model.config().tables(), model.weights().tables(), false);
      float[] logits = new float[B];
      float[] pooled = new float[POOLED_ROWS * x];
      SideBySide.Side whole = i -> scorer.score(batch(i).dense(), batch(i).kjt(), logits);
      double[] ratios = new double[ROUNDS];
      double[] ours = new double[ROUNDS];
      double[] arithmetic = new double[ROUNDS];
      double[] reads = new double[ROUNDS];
      double[] pool = new double[ROUNDS];
      for (int round = -2; round < ROUNDS; round++) {
        int r = Math.max(round, 0);
        ours[r] = micros(whole);
        gemm.measure(ROUND_NANOS);
        arithmetic[r] = gemm.flops() * B / gemm.best() * 1e6;
        reads[r] = micros(this::readRows);
        pool[r] = micros(i -> pool(bags, batch(i), pooled));
        ratios[r] = ours[r] / (arithmetic[r] + reads[r]);
      }
      double total = SideBySide.median(ours);
      double floor = SideBySide.median(arithmetic) + SideBySide.median(reads);
      double poolShare = SideBySide.median(pool) / total;
      double deepShare = gemm.seconds(2) * B * 1e6 / total;
      double denseShare = (gemm.seconds(0) + gemm.seconds(1)) * B * 1e6 / total;
      Arrays.sort(ratios);
      return new BenchRow(
          "floor.%s.B%d".formatted(shape.name(), B),
          "µs",
          total,
          "floor",
          floor,
          total / floor,
          ratios[0],
          ratios[ROUNDS - 1],
          "<= 1.25",
          String.format(
              Locale.ROOT,
              "floor: GEMMs %.0f µs at %.0f GFlop/s, row reads %.0f µs at %.1f GB/s; shares of ours,"
                  + " measured one by one: pool %.0f%%, deep GEMM %.0f%%, dense GEMMs %.0f%%, FM"
                  + " sums, over-arch, ReLU and copies %.0f%%",
              SideBySide.median(arithmetic),
              gemm.best() / 1e9,
              SideBySide.median(reads),
              rowBytes() / SideBySide.median(reads) / 1e3,
              100 * poolShare,
              100 * deepShare,
              100 * denseShare,
              100 * Math.max(0, 1 - poolShare - deepShare - denseShare)));
    }
  }

  private double rowBytes() {
    return (double) B * model.config().tables().size() * shape.d() * Float.BYTES;
  }

  private Batch batch(int i) {
    return batches[i % batches.length];
  }

  private void readRows(int i) {
    long[] ids = batch(i).kjt().values();
    int f = 0;
    for (EmbeddingTable table : model.weights().tables()) {
      for (int from = f * B; from < (f + 1) * B; from += POOLED_ROWS) {
        int touched = table.touch(ids, from, from + POOLED_ROWS);
        table.readRows(ids, from, from + POOLED_ROWS, rows, 0, shape.d());
        sink = rows[0] + touched;
      }
      f++;
    }
  }

  private static void pool(HostEmbeddingBags bags, Batch batch, float[] pooled) {
    int stride = pooled.length / POOLED_ROWS;
    for (int first = 0; first < B; first += POOLED_ROWS) {
      bags.pool(batch.kjt(), first, POOLED_ROWS, pooled, 0, stride);
    }
  }

  /**
   * Of one call, the tenth percentile of a round: the floor is what the machine can do, so what
   * disturbs it is kept out of both.
   */
  private static double micros(SideBySide.Side side) throws Exception {
    long start = System.nanoTime();
    List<Double> calls = new ArrayList<>();
    long before = start;
    do {
      side.run(calls.size());
      long after = System.nanoTime();
      calls.add((after - before) / 1e3);
      before = after;
    } while (before - start < ROUND_NANOS);
    calls.sort(null);
    return calls.get(calls.size() / 10);
  }
}
