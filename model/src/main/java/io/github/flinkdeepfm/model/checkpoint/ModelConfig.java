package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.List;

/**
 * What {@code model.json} says: the hyper-parameters of a {@code SimpleDeepFMNN}, or the tables of
 * an {@code EmbeddingBagCollection} (then the three sizes are 0).
 *
 * @param kind which module the tensors belong to
 * @param numDenseFeatures N
 * @param hiddenLayerSize H
 * @param deepFmDimension DI
 * @param isWeighted whether bags carry a weight for each id
 * @param tables in the model's order
 */
public record ModelConfig(
    Kind kind,
    int numDenseFeatures,
    int hiddenLayerSize,
    int deepFmDimension,
    boolean isWeighted,
    List<EmbeddingBagConfig> tables) {

  /** The module that model.json's {@code model} names. */
  public enum Kind {
    SIMPLE_DEEP_FM_NN,
    EMBEDDING_BAG_COLLECTION
  }

  public ModelConfig {
    tables = List.copyOf(tables);
  }

  /** The sparse features in the order of the model's input: by table, then by feature_names. */
  public List<String> featureNames() {
    return tables.stream().flatMap(t -> t.featureNames().stream()).toList();
  }

  /** D of a SimpleDeepFMNN, whose tables all have it. */
  public int embeddingDim() {
    return tables.get(0).embeddingDim();
  }
}
