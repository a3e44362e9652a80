package io.github.flinkdeepfm.model.deepfm;

import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;

/** Sparse features into the embedding space (TorchRec {@code SparseArch}). */
public final class SparseArch {
  private final EmbeddingBagCollection embeddingBagCollection;

  public SparseArch(EmbeddingBagCollection embeddingBagCollection) {
    this.embeddingBagCollection = embeddingBagCollection;
  }

  public EmbeddingBagCollection embeddingBagCollection() {
    return embeddingBagCollection;
  }

  /** Returns the pooled features [B, F·D]; errors as of {@link EmbeddingBagCollection#forward}. */
  public KeyedTensor forward(KeyedJaggedTensor features) {
    return embeddingBagCollection.forward(features);
  }
}
