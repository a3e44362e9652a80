package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The fused forward pass on the host, a block of rows after another.
 *
 * <pre>
 *   dense [B,N] ─ GEMM ─ ReLU ─ GEMM ─ ReLU ─────┐
 *   bags of big tables ── pool from the tables ──┴▶ x [T, D + D·big] ─ GEMM ─┐
 *   bags of small tables ── add projected rows ──────────────────────────────┴▶ ReLU ─▶ deep [T,DI]
 *                        └─ sums ─▶ fm [T] ◀─ sums of x
 *   logit = over · [x[0..D) | deep | fm] + bias
 * </pre>
 *
 * Each logit is a fixed sequence of operations on its own row, so its bits do not depend on the
 * batch (see {@link RowTiles} for the GEMMs). Nothing is allocated after the first batches.
 */
final class HostScorer implements DeepFmScorer {
  private final HostDeepFm model;
  private final EmbeddingBags wide;
  private final ProjectedBags projected;
  private final TiledLinear hidden;
  private final TiledLinear embed;
  private final TiledLinear deep;
  private final int n;
  private final int d;
  private final int di;
  private final int width;
  private final int rowsAtATime;

  private final float[] hiddenOut;
  private final float[] embedded;
  private final float[] x;
  private final float[] deepOut;
  private final float[] sums;
  private final float[] squares;
  private final FmSums fmSums = new FmSums();
  private final OverArch over;

  HostScorer(HostDeepFm model) {
    this.model = model;
    List<Projections.Feature> small = new ArrayList<>();
    List<Projections.Feature> big = new ArrayList<>();
    for (Projections.Feature feature : model.features) {
      (model.projections.has(feature) ? small : big).add(feature);
    }
    this.wide = bags(big);
    this.projected = new ProjectedBags(model.projections, small, model.config.isWeighted());
    this.hidden = new TiledLinear(model.hidden, model.hiddenTiles);
    this.embed = new TiledLinear(model.embed, model.embedTiles);
    this.deep = new TiledLinear(model.deep, model.deepTiles);
    this.n = model.hidden.in();
    this.d = model.embed.out();
    this.di = model.deep.out();
    this.width = model.deep.in();
    this.rowsAtATime = model.rowsAtATime();
    this.hiddenOut = new float[rowsAtATime * model.hidden.out()];
    this.embedded = new float[rowsAtATime * d];
    this.x = new float[rowsAtATime * width];
    this.deepOut = new float[rowsAtATime * di];
    this.sums = new float[rowsAtATime];
    this.squares = new float[rowsAtATime];
    this.over = new OverArch(model.overWeight, model.overBias, d, di);
  }

  private EmbeddingBags bags(List<Projections.Feature> features) {
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
    EmbeddingBags all = bags(model.features);
    float[] embeddedSparse = new float[b * all.width()];
    all.pool(kjt, 0, b, embeddedSparse, 0, all.width());
    Activations activations =
        new Activations(
            new float[b * d], embeddedSparse, new float[b * (d + di + 1)], new float[b]);
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
      interact(kjt, first, rows, logits, keep);
    }
  }

  private void embedDense(float[] dense, int first, int rows) {
    hidden.multiply(dense, first, rows, hiddenOut);
    biasAndRelu(hiddenOut, model.hidden.bias(), rows);
    embed.multiply(hiddenOut, 0, rows, embedded);
    biasAndRelu(embedded, model.embed.bias(), rows);
  }

  private void interact(
      KeyedJaggedTensor kjt, int first, int rows, float[] logits, Activations keep) {
    wide.pool(kjt, first, rows, x, d, width);
    for (int row = 0; row < rows; row++) {
      System.arraycopy(embedded, row * d, x, row * width, d);
    }
    deep.multiply(x, 0, rows, deepOut);
    projected.add(kjt, first, rows, deepOut, sums, squares);
    biasAndRelu(deepOut, model.deepBias, rows);
    for (int row = 0; row < rows; row++) {
      fmSums.of(x, row * width, width);
      float fm = FmSums.fm(fmSums.sum() + sums[row], fmSums.squares() + squares[row]);
      logits[first + row] = over.logit(x, row * width, deepOut, row * di, fm);
      if (keep != null) {
        keepRow(keep, first + row, row, fm);
      }
    }
  }

  private static void biasAndRelu(float[] out, float[] bias, int rows) {
    for (int row = 0, at = 0; row < rows; row++, at += bias.length) {
      for (int j = 0; j < bias.length; j++) {
        out[at + j] = Math.max(out[at + j] + bias[j], 0f);
      }
    }
  }

  private void keepRow(Activations keep, int to, int row, float fm) {
    int inter = d + di + 1;
    System.arraycopy(x, row * width, keep.embeddedDense(), to * d, d);
    System.arraycopy(x, row * width, keep.interaction(), to * inter, d);
    System.arraycopy(deepOut, row * di, keep.interaction(), to * inter + d, di);
    keep.interaction()[to * inter + d + di] = fm;
  }

  @Override
  public void close() {
    hidden.close();
    embed.close();
    deep.close();
  }
}
