package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * The fused forward pass on the host, one tile of rows after another.
 *
 * <pre>
 *   dense [T,N] ─ GEMM ─ ReLU ─ GEMM ─ ReLU ─┐
 *   bags ── pool straight from the tables ───┴▶ x [T, D+F·D] ─ GEMM ─ ReLU ─▶ deep [T,DI]
 *                                               └─ sums ─▶ fm [T]
 *   logit = over · [x[0..D) | deep | fm] + bias
 * </pre>
 *
 * Each logit is a fixed sequence of operations on its own row, so its bits do not depend on the
 * batch (see {@link RowTiles} for the GEMMs). Nothing is allocated after the first batches.
 */
final class HostScorer implements DeepFmScorer {

  /** The three GEMMs of one row count. */
  record Tile(LinearTile hidden, LinearTile embed, LinearTile deep) {
    /** Makes all three or, if one cannot be had, closes those that were made. */
    static Tile make(
        Supplier<LinearTile> hidden, Supplier<LinearTile> embed, Supplier<LinearTile> deep) {
      List<LinearTile> made = new ArrayList<>();
      try {
        made.add(hidden.get());
        made.add(embed.get());
        made.add(deep.get());
        return new Tile(made.get(0), made.get(1), made.get(2));
      } finally {
        if (made.size() < 3) {
          made.forEach(LinearTile::close);
        }
      }
    }

    void close() {
      hidden.close();
      embed.close();
      deep.close();
    }
  }

  private final HostDeepFm model;
  private final EmbeddingBags bags;
  private final int n;
  private final int d;
  private final int di;
  private final int width;
  private final int largest;
  private final Tile[] tiles;

  private final float[] hiddenOut;
  private final float[] embedOut;
  private final float[] x;
  private final float[] deepOut;
  private final float[] logit;
  private final float[] fm;
  private final FmSums fmSums = new FmSums();

  HostScorer(HostDeepFm model) {
    this.model = model;
    this.bags =
        new HostEmbeddingBags(model.config.tables(), model.tables, model.config.isWeighted());
    this.n = model.hidden.in();
    this.d = model.embed.out();
    this.di = model.deep.out();
    this.width = d + bags.width();
    this.largest = model.tiles[model.tiles.length - 1];
    this.tiles = new Tile[model.tiles.length];
    this.hiddenOut = new float[largest * model.hidden.out()];
    this.embedOut = new float[largest * d];
    this.x = new float[largest * width];
    this.deepOut = new float[largest * di];
    this.logit = new float[largest];
    this.fm = new float[largest];
  }

  @Override
  public void score(float[] dense, KeyedJaggedTensor kjt, float[] logits) {
    run(dense, kjt, logits, null);
  }

  @Override
  public Activations forward(float[] dense, KeyedJaggedTensor kjt) {
    int b = kjt.stride();
    Activations all =
        new Activations(
            new float[b * d],
            new float[b * bags.width()],
            new float[b * (d + di + 1)],
            new float[b]);
    run(dense, kjt, all.logits(), all);
    return all;
  }

  private void run(float[] dense, KeyedJaggedTensor kjt, float[] logits, Activations keep) {
    int batch = kjt.stride();
    if (dense.length < batch * n || logits.length < batch) {
      throw new IllegalArgumentException(
          "expected dense ["
              + batch
              + ", "
              + n
              + "] and room for "
              + batch
              + " logits, got "
              + dense.length
              + " floats and "
              + logits.length);
    }
    for (int first = 0; first < batch; first += largest) {
      int rows = Math.min(largest, batch - first);
      Tile tile = tileFor(rows);
      embedDense(tile, dense, first, rows);
      bags.pool(kjt, first, rows, x, d, width);
      tile.deep().multiply(x, 0, rows * width, deepOut);
      biasAndRelu(deepOut, model.deep, tile.deep().rows());
      overArch(tile.deep().rows(), rows);
      System.arraycopy(logit, 0, logits, first, rows);
      if (keep != null) {
        copyActivations(keep, first, rows, tile.deep().rows());
      }
    }
  }

  private Tile tileFor(int rows) {
    int i = 0;
    while (model.tiles[i] < rows) {
      i++;
    }
    if (tiles[i] == null) {
      int t = model.tiles[i];
      tiles[i] =
          Tile.make(
              () -> model.newTile(model.hidden, t, 'c'),
              () -> model.newTile(model.embed, t, 'f'),
              () -> model.newTile(model.deep, t, 'c'));
    }
    return tiles[i];
  }

  private void embedDense(Tile tile, float[] dense, int first, int rows) {
    int t = tile.hidden().rows();
    tile.hidden().multiply(dense, first * n, rows * n, hiddenOut);
    biasAndRelu(hiddenOut, model.hidden, t);
    tile.embed().multiply(hiddenOut, 0, t * model.hidden.out(), embedOut);
    biasAndRelu(embedOut, model.embed, t);
    for (int row = 0; row < rows; row++) {
      for (int c = 0; c < d; c++) {
        x[row * width + c] = embedOut[c * t + row];
      }
    }
  }

  private static void biasAndRelu(float[] columns, LinearWeights weights, int t) {
    float[] bias = weights.bias();
    for (int j = 0; j < bias.length; j++) {
      float b = bias[j];
      for (int i = j * t, end = i + t; i < end; i++) {
        columns[i] = Math.max(columns[i] + b, 0f);
      }
    }
  }

  private void overArch(int t, int rows) {
    float[] w = model.overWeight;
    for (int row = 0; row < rows; row++) {
      fmSums.of(x, row * width, width);
      fm[row] = fmSums.fm();
    }
    Arrays.fill(logit, 0, rows, model.overBias);
    for (int c = 0; c < d; c++) {
      multiplyAdd(embedOut, c * t, w[c], rows);
    }
    for (int j = 0; j < di; j++) {
      multiplyAdd(deepOut, j * t, w[d + j], rows);
    }
    multiplyAdd(fm, 0, w[d + di], rows);
  }

  private void multiplyAdd(float[] columns, int from, float w, int rows) {
    for (int row = 0; row < rows; row++) {
      logit[row] = Math.fma(columns[from + row], w, logit[row]);
    }
  }

  private void copyActivations(Activations keep, int first, int rows, int t) {
    int sparse = bags.width();
    int inter = d + di + 1;
    for (int row = 0; row < rows; row++) {
      int to = first + row;
      System.arraycopy(x, row * width, keep.embeddedDense(), to * d, d);
      System.arraycopy(x, row * width + d, keep.embeddedSparse(), to * sparse, sparse);
      System.arraycopy(x, row * width, keep.interaction(), to * inter, d);
      for (int j = 0; j < di; j++) {
        keep.interaction()[to * inter + d + j] = deepOut[j * t + row];
      }
      keep.interaction()[to * inter + d + di] = fm[row];
    }
  }

  @Override
  public void close() {
    for (Tile tile : tiles) {
      if (tile != null) {
        tile.close();
      }
    }
  }
}
