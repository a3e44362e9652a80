package io.github.flinkdeepfm.model.modules;

import java.util.List;
import java.util.Objects;

/**
 * One embedding table and the features that look it up (TorchRec {@code EmbeddingBagConfig}).
 *
 * @param name the table's name in the state_dict; not empty, no dot
 * @param numEmbeddings rows; ids are 0 ≤ id &lt; numEmbeddings
 * @param embeddingDim D, columns
 * @param featureNames the KJT keys that use it, in output order; empty means {@code [name]}
 * @param pooling TorchRec's default is {@link PoolingType#SUM}
 * @param dataType storage type
 */
public record EmbeddingBagConfig(
    String name,
    long numEmbeddings,
    int embeddingDim,
    List<String> featureNames,
    PoolingType pooling,
    DataType dataType) {

  public EmbeddingBagConfig {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(pooling, "pooling");
    Objects.requireNonNull(dataType, "dataType");
    if (numEmbeddings <= 0 || embeddingDim <= 0) {
      throw new IllegalArgumentException(
          "table "
              + name
              + ": expected num_embeddings and embedding_dim above 0, got "
              + numEmbeddings
              + " and "
              + embeddingDim);
    }
    featureNames = featureNames.isEmpty() ? List.of(name) : List.copyOf(featureNames);
  }

  /** An FP32 table with TorchRec's default pooling, SUM. */
  public EmbeddingBagConfig(
      String name, long numEmbeddings, int embeddingDim, List<String> featureNames) {
    this(name, numEmbeddings, embeddingDim, featureNames, PoolingType.SUM, DataType.FP32);
  }
}
