package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.Rows;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.List;

/**
 * The fused forward pass on the host, a block of rows after another.
 *
 * <pre>
 *   dense [B,N] ─ GEMM ─ ReLU ─ GEMM ─ ReLU ─┐
 *   events of few ids ───────────────────────┴▶ {@link DeepPathRows} with projected tables ─┐
 *   events of many ids ──────────────────────┴▶ {@link DeepPathRows} without ───────────────┴▶ logits [B]
 * </pre>
 *
 * Each logit is a fixed sequence of operations on its own row, and which way a row goes depends on
 * that row alone, so its bits do not depend on the batch (see {@link RowTiles} for the GEMMs).
 * Nothing is allocated after the first batches.
 */
final class HostScorer implements DeepFmScorer {
  private final HostDeepFm model;
  private final TiledLinear hidden;
  private final TiledLinear embed;
  private final DeepPathRows fewIds;

  /** The same as {@link #fewIds} where nothing is projected. */
  private final DeepPathRows manyIds;

  private final int n;
  private final int d;
  private final int projectedFeatures;
  private final int rowsAtATime;

  private final float[] hiddenOut;
  private final float[] embedded;
  private final int[] projectedIds;

  HostScorer(HostDeepFm model) {
    this.model = model;
    this.n = model.hidden.in();
    this.d = model.embed.out();
    this.rowsAtATime = HostDeepFm.ROWS_AT_A_TIME;
    this.projectedFeatures = model.fewIds.projected().size();
    this.hidden = new TiledLinear(model.hidden, model.hiddenTiles);
    this.embed = new TiledLinear(model.embed, model.embedTiles);
    this.fewIds = new DeepPathRows(model, model.fewIds, rowsAtATime);
    this.manyIds =
        projectedFeatures == 0 ? fewIds : new DeepPathRows(model, model.manyIds, rowsAtATime);
    this.hiddenOut = new float[rowsAtATime * model.hidden.out()];
    this.embedded = new float[rowsAtATime * d];
    this.projectedIds = new int[rowsAtATime];
  }

  static EmbeddingBags bags(HostDeepFm model, List<Projections.Feature> features) {
    return new HostEmbeddingBags(
        features.stream().map(Projections.Feature::config).toList(),
        features.stream().map(Projections.Feature::table).toList(),
        model.config.isWeighted());
  }

  @Override
  public void score(float[] dense, KeyedJaggedTensor kjt, float[] logits) {
    run(dense, kjt, logits, null);
  }

  @Override
  public Activations forward(float[] dense, KeyedJaggedTensor kjt) {
    int b = kjt.stride();
    EmbeddingBags all = bags(model, model.features);
    float[] embeddedSparse = new float[b * all.width()];
    all.pool(kjt, 0, b, embeddedSparse, 0, all.width());
    int inter = d + model.deepBias.length + 1;
    Activations activations =
        new Activations(new float[b * d], embeddedSparse, new float[b * inter], new float[b]);
    run(dense, kjt, activations.logits(), activations);
    return activations;
  }

  private void run(float[] dense, KeyedJaggedTensor kjt, float[] logits, Activations keep) {
    int batch = kjt.stride();
    if (dense.length < batch * n || logits.length < batch) {
      throw new IllegalArgumentException(
          "expected dense [%d, %d] and room for %d logits, got %d floats and %d"
              .formatted(batch, n, batch, dense.length, logits.length));
    }
    for (int first = 0; first < batch; first += rowsAtATime) {
      int rows = Math.min(rowsAtATime, batch - first);
      embedDense(dense, first, rows);
      fewIds.clear();
      manyIds.clear();
      divide(kjt, first, rows);
      fewIds.run(kjt, logits, keep);
      if (manyIds != fewIds) {
        manyIds.run(kjt, logits, keep);
      }
    }
  }

  private void embedDense(float[] dense, int first, int rows) {
    hidden.multiply(dense, first, rows, hiddenOut);
    Rows.relu(hiddenOut, rows * model.hidden.out());
    embed.multiply(hiddenOut, 0, rows, embedded);
    Rows.relu(embedded, rows * d);
  }

  /** Gives each row of the block its path, neighbours that go the same way together. */
  private void divide(KeyedJaggedTensor kjt, int first, int rows) {
    if (manyIds == fewIds) {
      fewIds.take(kjt, first, rows, embedded, 0);
      return;
    }
    fewIds.countProjectedIds(kjt, first, rows, projectedIds);
    for (int row = 0; row < rows; ) {
      boolean few = isOfFewIds(row);
      int from = row++;
      while (row < rows && isOfFewIds(row) == few) {
        row++;
      }
      (few ? fewIds : manyIds).take(kjt, first + from, row - from, embedded, from);
    }
  }

  private boolean isOfFewIds(int row) {
    return Projections.pay(projectedIds[row], projectedFeatures, d);
  }

  @Override
  public void close() {
    hidden.close();
    embed.close();
    fewIds.close();
    if (manyIds != fewIds) {
      manyIds.close();
    }
  }
}
