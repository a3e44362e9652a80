package io.github.flinkdeepfm.model.modules;

/**
 * How the rows of one bag become one vector (TorchRec {@code PoolingType}). An empty bag is all
 * zeros under both.
 */
public enum PoolingType {
  /** The sum of the rows, each multiplied by its weight in a weighted collection. */
  SUM,
  /** The sum divided by the number of ids, repeats counted. Not with weights. */
  MEAN
}
