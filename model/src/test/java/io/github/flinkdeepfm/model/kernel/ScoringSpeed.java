package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * Host scoring beside a straightforward ND4J op graph of the same model, both in one run, in turns,
 * on one thread: rows a second (median of the rounds) and their ratio. Both sides' logits are
 * compared first.
 *
 * <p>Run by {@code mvn -q -Pbench -DskipTests verify -pl model}.
 */
public final class ScoringSpeed {
  private static final int ROUNDS = 7;
  private static final long ROUND_NANOS = 250_000_000L;
  private static final int DISTINCT_BATCHES = 8;

  private record Shape(String name, int d, int h, int di) {}

  private ScoringSpeed() {}

  public static void main(String[] args) {
    System.out.println("shape     B   ours rows/s   ND4J op graph rows/s   ratio   us/batch");
    for (Shape shape : new Shape[] {new Shape("S", 16, 64, 64), new Shape("L", 64, 512, 512)}) {
      RandomModel model =
          new RandomModel(13, 26, shape.d(), shape.h(), shape.di(), 100_000, false, 1);
      try (HostDeepFm host = model.host();
          DeepFmScorer scorer = host.newScorer()) {
        Nd4jOpGraph graph = new Nd4jOpGraph(model);
        for (int b : new int[] {1, 64, 1024, 4096}) {
          compare(shape.name(), b, model, scorer, graph);
        }
        System.out.println("numerics " + host.numerics());
      }
    }
  }

  private static void compare(
      String shape, int b, RandomModel model, DeepFmScorer scorer, Nd4jOpGraph graph) {
    float[][] dense = new float[DISTINCT_BATCHES][];
    KeyedJaggedTensor[] kjt = new KeyedJaggedTensor[DISTINCT_BATCHES];
    float[] logits = new float[b];
    for (int i = 0; i < DISTINCT_BATCHES; i++) {
      dense[i] = model.dense(b);
      kjt[i] = model.bags(b, 1, 1);
      scorer.score(dense[i], kjt[i], logits);
      float[] other = graph.score(dense[i], kjt[i]);
      for (int r = 0; r < b; r++) {
        if (!(Math.abs(logits[r] - other[r]) <= 1e-3 * Math.max(1, Math.abs(other[r])))) {
          throw new IllegalStateException(
              "row " + r + ": the two sides differ, " + logits[r] + " and " + other[r]);
        }
      }
    }
    double[] ours = new double[ROUNDS];
    double[] theirs = new double[ROUNDS];
    for (int round = -2; round < ROUNDS; round++) {
      double a = rate(b, i -> scorer.score(dense[i], kjt[i], logits));
      double c = rate(b, i -> graph.score(dense[i], kjt[i]));
      if (round >= 0) {
        ours[round] = a;
        theirs[round] = c;
      }
    }
    double a = median(ours);
    double c = median(theirs);
    System.out.printf(
        Locale.ROOT, "%-5s %5d %13.0f %22.0f %7.1f %10.1f%n", shape, b, a, c, a / c, 1e6 * b / a);
  }

  private interface Batch {
    void score(int i);
  }

  private static double rate(int b, Batch batch) {
    long start = System.nanoTime();
    long rows = 0;
    long elapsed;
    do {
      batch.score((int) (rows / b % DISTINCT_BATCHES));
      rows += b;
      elapsed = System.nanoTime() - start;
    } while (elapsed < ROUND_NANOS);
    return rows * 1e9 / elapsed;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
