package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.Random;

/**
 * The row count from which a row's logit has the same bits wherever it stands and whatever the
 * batch's size: batches are padded to at least that. Found by trying, when a model is loaded, with
 * the model's own layers: a BLAS library chooses its kernels by the number of rows.
 *
 * @param least rows that a batch is padded to
 * @param isBatchInvariant whether all row counts that were tried from there on agree
 */
record RowCounts(int least, boolean isBatchInvariant) {
  private static final int[] TRIED = {1024, 768, 512, 384, 256, 192, 128, 96, 64, 48, 32, 16};
  private static final int DISTINCT = 4;

  /** Bytes on the device that a batch of the most rows tried needs, at most. */
  static long bytesToFind(ModelConfig config) {
    long n = config.numDenseFeatures();
    long h = config.hiddenLayerSize();
    long d = config.embeddingDim();
    long di = config.deepFmDimension();
    long slots = 1L + config.featureNames().size();
    long floats = n + h + 2 * d + 2 * di + slots * d + 5;
    long ids = slots * (config.isWeighted() ? Long.BYTES + Float.BYTES : Long.BYTES);
    long rows = TRIED[0];
    long halves = config.tables().stream().filter(t -> t.dataType() == DataType.FP16).count();
    if (halves > 0) {
      ids += slots * d * 2;
    }
    if (halves > 0 && halves < config.tables().size()) {
      // By way of the work area, whose sizes are rounded up by at most a half.
      ids += slots * ((Float.BYTES + 2) * d + Integer.BYTES + Long.BYTES) * 3 / 2;
    }
    return rows * (Float.BYTES * floats + ids) + Float.BYTES * d;
  }

  static RowCounts find(DeviceDeepFm model) {
    int least = 0;
    int[] expected = null;
    for (int rows : TRIED) {
      int[] bits = bits(model, rows);
      if (bits == null || (expected != null && !Arrays.equals(bits, expected))) {
        break;
      }
      expected = bits;
      least = rows;
    }
    boolean invariant = least > 0 && least < TRIED[0];
    return new RowCounts(invariant ? least : TRIED[TRIED.length - 1], invariant);
  }

  /** The logits' bits of the distinct rows; null if a row's place changes them. */
  private static int[] bits(DeviceDeepFm model, int rows) {
    ModelConfig config = model.config();
    int n = config.numDenseFeatures();
    int features = config.featureNames().size();
    Random random = new Random(42);
    float[] distinct = new float[DISTINCT * n];
    for (int i = 0; i < distinct.length; i++) {
      distinct[i] = (float) random.nextGaussian();
    }
    float[] dense = new float[rows * n];
    long[] values = new long[features * rows];
    int[] offsets = new int[features * rows + 1];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(distinct, row % DISTINCT * n, dense, row * n, n);
    }
    // A feature may be looked up in several tables.
    long ids = config.tables().stream().mapToLong(t -> t.numEmbeddings()).min().orElse(1);
    int at = 0;
    for (var table : config.tables()) {
      for (int f = 0; f < table.featureNames().size(); f++) {
        for (int row = 0; row < rows; row++, at++) {
          values[at] = (row % DISTINCT) * 31L % ids;
          offsets[at + 1] = at + 1;
        }
      }
    }
    float[] weights = null;
    if (config.isWeighted()) {
      weights = new float[values.length];
      Arrays.fill(weights, 0.75f);
    }
    float[] logits = new float[rows];
    try (DeviceScorer scorer = new DeviceScorer(model, rows)) {
      scorer.score(
          dense,
          KeyedJaggedTensor.ofTrusted(config.featureNames(), values, offsets, weights),
          logits);
    }
    int[] bits = new int[DISTINCT];
    for (int row = 0; row < rows; row++) {
      int found = Float.floatToRawIntBits(logits[row]);
      if (row < DISTINCT) {
        bits[row] = found;
      } else if (bits[row % DISTINCT] != found) {
        return null;
      }
    }
    return bits;
  }

  String describe() {
    return isBatchInvariant ? Integer.toString(least) : "any";
  }
}
