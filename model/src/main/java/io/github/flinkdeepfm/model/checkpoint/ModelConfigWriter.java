package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig.Kind;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;

/** Writes {@code model.json}, as {@link ModelConfigReader} reads it. */
public final class ModelConfigWriter {
  private ModelConfigWriter() {}

  /** The document's text: the same for equal configurations. */
  public static String toJson(ModelConfig config) {
    ObjectNode json = StrictJson.MAPPER.createObjectNode();
    if (config.kind() == Kind.SIMPLE_DEEP_FM_NN) {
      json.put("model", ModelConfigReader.SIMPLE_DEEP_FM_NN)
          .put("num_dense_features", config.numDenseFeatures())
          .put("hidden_layer_size", config.hiddenLayerSize())
          .put("deep_fm_dimension", config.deepFmDimension());
    } else {
      json.put("model", ModelConfigReader.EMBEDDING_BAG_COLLECTION);
    }
    json.put("is_weighted", config.isWeighted());
    ArrayNode tables = json.putArray("tables");
    for (EmbeddingBagConfig table : config.tables()) {
      ObjectNode node =
          tables
              .addObject()
              .put("name", table.name())
              .put("num_embeddings", table.numEmbeddings())
              .put("embedding_dim", table.embeddingDim());
      table.featureNames().forEach(node.putArray("feature_names")::add);
      node.put("pooling", table.pooling().name()).put("data_type", table.dataType().name());
    }
    try {
      return StrictJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }
}
