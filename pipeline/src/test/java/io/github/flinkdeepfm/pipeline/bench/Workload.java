package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.pipeline.demo.ZipfSampler;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Events for a model, made once and cut into batches of any size. */
public final class Workload {
  /**
   * The distinct values of the 26 categorical columns of the Criteo Kaggle data set, as published
   * with DLRM; those above a million are capped there.
   */
  private static final long[] CRITEO_ROWS =
      Arrays.stream(
              new long[] {
                1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194,
                27, 14992, 5461306, 10, 5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572
              })
          .map(rows -> Math.min(rows, 1_000_000))
          .toArray();

  /** Of the Zipf distribution that {@link Kind#CRITEO} and {@link Kind#RAGGED} draw ids from. */
  static final double ZIPF_EXPONENT = 1.05;

  /** Makes bags of 5 ids in the mean, where none has more than {@link #LONGEST_BAG}. */
  private static final double MORE_IDS = 4.07;

  private static final int LONGEST_BAG = 20;

  private final ModelConfig config;
  private final int events;
  private final float[] dense;

  /** By feature, then by event. */
  private final int[][] lengths;

  private final long[][] ids;

  /** What ids look like. */
  public enum Kind {
    /** 100,000 rows a table, one id a bag, each as likely as any other. */
    UNIFORM,
    /** The published tables of Criteo Kaggle, one id a bag, Zipf. */
    CRITEO,
    /** The same tables, bags of 1 to 20 ids, 5 in the mean, Zipf. */
    RAGGED;

    public long[] tableRows() {
      if (this != UNIFORM) {
        return CRITEO_ROWS.clone();
      }
      long[] rows = new long[26];
      Arrays.fill(rows, 100_000);
      return rows;
    }

    OnnxDeepFm.Bags bags() {
      return this == RAGGED ? OnnxDeepFm.Bags.PADDED : OnnxDeepFm.Bags.ONE_ID;
    }
  }

  public Workload(ModelConfig config, Kind kind, int events, long seed) {
    this.config = config;
    this.events = events;
    SplittableRandom random = new SplittableRandom(seed);
    this.dense = new float[events * config.numDenseFeatures()];
    for (int i = 0; i < dense.length; i++) {
      dense[i] = (float) (2 * random.nextDouble() - 1);
    }
    int features = config.tables().size();
    this.lengths = new int[features][events];
    this.ids = new long[features][];
    for (int f = 0; f < features; f++) {
      int total = 0;
      for (int e = 0; e < events; e++) {
        lengths[f][e] = kind == Kind.RAGGED ? bag(random) : 1;
        total += lengths[f][e];
      }
      ids[f] = ids(config.tables().get(f), kind, total, random);
    }
  }

  private static int bag(SplittableRandom random) {
    double more = Math.log(1 - random.nextDouble()) / Math.log(MORE_IDS / (MORE_IDS + 1));
    return 1 + (int) Math.min(LONGEST_BAG - 1, more);
  }

  private static long[] ids(
      EmbeddingBagConfig table, Kind kind, int count, SplittableRandom random) {
    int rows = (int) table.numEmbeddings();
    long[] ids = new long[count];
    if (kind == Kind.UNIFORM) {
      Arrays.setAll(ids, i -> random.nextInt(rows));
    } else {
      ZipfSampler zipf = new ZipfSampler(rows, ZIPF_EXPONENT, random);
      Arrays.setAll(ids, i -> zipf.next(random));
    }
    return ids;
  }

  /** Dense rows and ids of the same events. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Batch(float[] dense, KeyedJaggedTensor kjt) {}

  /** All events, {@code size} a batch; what is left over is left out. */
  public Batch[] batches(int size) {
    int n = config.numDenseFeatures();
    int features = lengths.length;
    int[] at = new int[features];
    Batch[] batches = new Batch[events / size];
    for (int b = 0; b < batches.length; b++) {
      int[] offsets = new int[features * size + 1];
      int total = 0;
      for (int f = 0; f < features; f++) {
        for (int e = 0; e < size; e++) {
          total += lengths[f][b * size + e];
          offsets[f * size + e + 1] = total;
        }
      }
      long[] values = new long[total];
      for (int f = 0; f < features; f++) {
        int count = offsets[(f + 1) * size] - offsets[f * size];
        System.arraycopy(ids[f], at[f], values, offsets[f * size], count);
        at[f] += count;
      }
      batches[b] =
          new Batch(
              Arrays.copyOfRange(dense, b * size * n, (b + 1) * size * n),
              KeyedJaggedTensor.ofTrusted(config.featureNames(), values, offsets, null));
    }
    return batches;
  }
}
