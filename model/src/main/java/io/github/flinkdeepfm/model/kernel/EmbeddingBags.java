package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;

/**
 * Pools the bags of every sparse feature of a model into rows of its input matrix.
 *
 * <p>Shapes: B rows in the batch, F features, D embedding dimension.
 */
public interface EmbeddingBags {

  /** F·D, the floats that one row gets. */
  int width();

  /**
   * Pools the bags of rows {@code [firstRow, firstRow + rows)}: row r's vector, features in the
   * model's order, goes to {@code out[offset + (r - firstRow)*stride …]}.
   *
   * @throws IllegalArgumentException if the KJT lacks a feature, or weights in a weighted model
   * @throws IndexOutOfBoundsException if an id is outside its table
   */
  void pool(KeyedJaggedTensor kjt, int firstRow, int rows, float[] out, int offset, int stride);
}
