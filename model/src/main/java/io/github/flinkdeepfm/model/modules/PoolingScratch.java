package io.github.flinkdeepfm.model.modules;

/** What {@link BagPooling} puts a bag together in: for tables of one D. One thread's; reused. */
public final class PoolingScratch {
  /** How many rows are added to a bag in one pass over it. */
  static final int ROWS = 4;

  /** [D], the bag's sum so far. */
  final float[] sum;

  /** [ROWS, D], the rows that come next. */
  final float[][] rows;

  public PoolingScratch(int dim) {
    this.sum = new float[dim];
    this.rows = new float[ROWS][dim];
  }
}
