package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.List;

/**
 * Where a model's features stand among the keys of a KJT. Looked up again only when a KJT with
 * another list of keys comes. Not thread-safe.
 */
final class KeyBinding {

  /** A feature and the table it is looked up in. */
  record Use(String feature, EmbeddingBagConfig table) {}

  private final List<Use> uses;
  private final boolean weighted;
  private List<String> boundKeys;
  private int[] positions;

  KeyBinding(List<Use> uses, boolean weighted) {
    this.uses = uses;
    this.weighted = weighted;
  }

  /**
   * The position of each feature's key, from 0; of a key given twice the later one counts.
   *
   * @throws IllegalArgumentException if the KJT lacks a feature, or weights in a weighted model
   */
  int[] bind(KeyedJaggedTensor kjt) {
    if (weighted && kjt.weightsOrNull() == null) {
      throw new IllegalArgumentException(
          "expected a KeyedJaggedTensor with weights (is_weighted), got one without");
    }
    if (kjt.keys() == boundKeys) {
      return positions;
    }
    int[] found = new int[uses.size()];
    for (int f = 0; f < found.length; f++) {
      found[f] = kjt.keys().lastIndexOf(uses.get(f).feature());
      if (found[f] < 0) {
        throw new IllegalArgumentException(
            "expected key "
                + uses.get(f).feature()
                + " of table "
                + uses.get(f).table().name()
                + ", got keys "
                + kjt.keys());
      }
    }
    positions = found;
    boundKeys = kjt.keys();
    return positions;
  }

  /** Which key of the KJT that was bound last, counted from 0, feature f is. */
  int keyOf(int feature) {
    return positions[feature];
  }
}
