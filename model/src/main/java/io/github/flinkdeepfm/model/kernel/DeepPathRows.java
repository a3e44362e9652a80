package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.Rows;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;

/**
 * The rows of a block that go one {@link DeepPath}: packed one after another, through its GEMM
 * together, and out again to their places. One scorer's; not thread-safe.
 *
 * <pre>
 *   take  x [T, D + D·pooled]   embedded dense row | pooled bags, and which row of the batch it is
 *   run   GEMM ─▶ deep [T, DI], projected rows added, ReLU; sums of x and of what is projected
 *   then  logit = over · [x[0..D) | deep | fm] + bias
 * </pre>
 */
final class DeepPathRows implements AutoCloseable {
  private final EmbeddingBags bags;
  private final ProjectedBags projected;
  private final TiledLinear linear;
  private final OverArch over;
  private final int d;
  private final int di;
  private final int width;

  private final float[] x;
  private final float[] deep;

  /** Of the row at hand: [DI]. */
  private final float[] deepRow;

  private final NativeDots sums;

  private final int[] rows;
  private int count;

  /**
   * @param most rows of a block
   */
  DeepPathRows(HostDeepFm model, DeepPath path, int most) {
    this.bags = HostScorer.bags(model, path.pooled());
    this.projected =
        new ProjectedBags(model.projections, path.projected(), model.config.isWeighted());
    this.linear = new TiledLinear(path.weights(), path.tiles());
    this.d = model.embed.out();
    this.di = path.weights().out();
    this.over = new OverArch(model.overWeight, model.overBias, d, di);
    this.width = path.weights().in();
    this.sums = new NativeDots(width);
    this.x = new float[most * width];
    this.deep = new float[most * di];
    this.deepRow = new float[di];
    this.rows = new int[most];
  }

  /** Counts the ids of rows {@code [first, first + rows)} in the projected bags. */
  void countProjectedIds(KeyedJaggedTensor kjt, int first, int rows, int[] counts) {
    projected.countIds(kjt, first, rows, counts);
  }

  /** Starts another block. */
  void clear() {
    count = 0;
  }

  /**
   * Takes rows {@code [first, first + rows)} of a batch.
   *
   * @param embedded [·, D], the dense arch's output; these rows' from row {@code firstEmbedded} on
   */
  void take(KeyedJaggedTensor kjt, int first, int taken, float[] embedded, int firstEmbedded) {
    bags.pool(kjt, first, taken, x, count * width + d, width);
    for (int i = 0; i < taken; i++) {
      System.arraycopy(embedded, (firstEmbedded + i) * d, x, (count + i) * width, d);
      rows[count + i] = first + i;
    }
    count += taken;
  }

  /**
   * Scores what was taken.
   *
   * @param logits [B], gets those rows' logits
   * @param keep gets those rows' activations; null if nobody wants them
   */
  void run(KeyedJaggedTensor kjt, float[] logits, Activations keep) {
    if (count == 0) {
      return;
    }
    linear.multiply(x, 0, count, deep);
    for (int i = 0; i < count; i++) {
      System.arraycopy(deep, i * di, deepRow, 0, di);
      projected.add(kjt, rows[i], deepRow);
      Rows.relu(deepRow, di);
      sums.take(x, i * width, width);
      float fm = FmSums.fm(sums.sum() + projected.sum(), sums.squares() + projected.squares());
      logits[rows[i]] = over.logit(x, i * width, deepRow, fm);
      if (keep != null) {
        keepRow(keep, i, fm);
      }
    }
  }

  private void keepRow(Activations keep, int i, float fm) {
    int to = rows[i];
    int inter = d + di + 1;
    System.arraycopy(x, i * width, keep.embeddedDense(), to * d, d);
    System.arraycopy(x, i * width, keep.interaction(), to * inter, d);
    System.arraycopy(deepRow, 0, keep.interaction(), to * inter + d, di);
    keep.interaction()[to * inter + d + di] = fm;
  }

  @Override
  public void close() {
    linear.close();
    sums.close();
    over.close();
  }
}
