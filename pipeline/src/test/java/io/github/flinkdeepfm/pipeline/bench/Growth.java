package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.pipeline.bench.BenchModel.Shape;
import io.github.flinkdeepfm.pipeline.bench.Workload.Batch;
import io.github.flinkdeepfm.pipeline.bench.Workload.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How the speed of host scoring (shape S, uniform ids, one a bag) changes as tables, batches and
 * features grow, beside ONNX Runtime, as rows of {@code bench.json} and as {@code
 * bench-growth.html}.
 */
public final class Growth {
  private static final int EVENTS = 1 << 16;
  private static final int B = 1024;
  private static final int FEATURES = 26;
  private static final long TOTAL_ROWS = 1_000_000;

  /** More rows than these are scored by us alone: their file is larger than what ORT's takes. */
  private static final long MAX_ROWS_BESIDE = 10_000_000;

  private static final SideBySide IN_TURNS = new SideBySide(5, 300_000_000L, 120_000_000L);

  private final BenchReport report;

  private Growth(BenchReport report) {
    this.report = report;
  }

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]).toAbsolutePath();
    Growth growth = new Growth(new BenchReport(file));
    GrowthCurve tables = growth.tables();
    GrowthCurve batches = growth.batches();
    GrowthCurve features = growth.features();
    Path page = file.getParent().getParent().resolve("bench-growth.html");
    Files.writeString(
        page,
        GrowthPage.of(
            List.of(
                new GrowthPage.Section(
                    "Rows of all tables together",
                    tables,
                    GrowthKnees.ofTables(tables, FEATURES, Shape.S.d())),
                new GrowthPage.Section("Batch size", batches, GrowthKnees.ofBatches(batches)),
                new GrowthPage.Section(
                    "Sparse features", features, GrowthKnees.ofFeatures(features)))));
    System.out.println("curves in " + page);
  }

  private GrowthCurve tables() throws Exception {
    List<GrowthCurve.Point> points = new ArrayList<>();
    for (long total = 10_000; total <= 100_000_000; total *= 10) {
      points.add(point("growth.rows." + total, total, FEATURES, total, B));
    }
    return new GrowthCurve(points);
  }

  private GrowthCurve batches() throws Exception {
    List<GrowthCurve.Point> points = new ArrayList<>();
    for (int b = 1; b <= 4096; b *= 4) {
      points.add(point("growth.batch." + b, b, FEATURES, TOTAL_ROWS, b));
    }
    return new GrowthCurve(points);
  }

  private GrowthCurve features() throws Exception {
    List<GrowthCurve.Point> points = new ArrayList<>();
    for (int f : new int[] {4, 8, 13, 26, 52, 100, 200}) {
      points.add(point("growth.features." + f, f, f, TOTAL_ROWS, B));
    }
    return new GrowthCurve(points);
  }

  private GrowthCurve.Point point(String name, long x, int features, long total, int b)
      throws Exception {
    long[] rows = new long[features];
    Arrays.fill(rows, Math.max(1, total / features));
    BenchRow row;
    try (BenchModel model = new BenchModel(Shape.S, rows);
        HostDeepFm host = model.host();
        DeepFmScorer scorer = host.newScorer()) {
      model.weights().findNotFinite(); // brings all pages into memory
      row =
          total > MAX_ROWS_BESIDE ? alone(name, b, model, scorer) : beside(name, b, model, scorer);
    }
    report.add(row);
    return new GrowthCurve.Point(x, row.value(), row.baselineValue());
  }

  private static BenchRow beside(String name, int b, BenchModel model, DeepFmScorer scorer)
      throws Exception {
    Batch[] batches = batches(model, b);
    float[] logits = new float[b];
    try (OnnxDeepFm onnx = model.onnx(OnnxDeepFm.Bags.ONE_ID)) {
      KernelSpeed.compare(batches, scorer, onnx, b);
      return IN_TURNS.compare(
          name,
          "rows/s",
          b,
          call -> score(scorer, batches, call, logits),
          "ONNX Runtime",
          call -> {
            Batch batch = batches[call % batches.length];
            onnx.score(batch.dense(), batch.kjt(), logits);
          });
    }
  }

  private static BenchRow alone(String name, int b, BenchModel model, DeepFmScorer scorer)
      throws IOException {
    Batch[] batches = batches(model, b);
    float[] logits = new float[b];
    double[] rates = new double[2 * IN_TURNS.rounds()];
    for (int round = -1; round < rates.length; round++) {
      long start = System.nanoTime();
      int calls = 0;
      long elapsed;
      do {
        score(scorer, batches, calls++, logits);
        elapsed = System.nanoTime() - start;
      } while (elapsed < IN_TURNS.roundNanos());
      rates[Math.max(round, 0)] = 1e9 * b * calls / elapsed;
    }
    return BenchRow.reading(name, "rows/s", SideBySide.median(rates));
  }

  private static void score(DeepFmScorer scorer, Batch[] batches, int call, float[] logits) {
    Batch batch = batches[call % batches.length];
    scorer.score(batch.dense(), batch.kjt(), logits);
  }

  private static Batch[] batches(BenchModel model, int b) {
    return new Workload(model.config(), Kind.UNIFORM, EVENTS, 7).batches(b);
  }
}
