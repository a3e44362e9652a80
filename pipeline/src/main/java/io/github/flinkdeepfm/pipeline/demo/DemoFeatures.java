package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.ArrayList;
import java.util.List;

/** {@code features.json} and {@code model.json} for the fields of a {@link PlantedTruth}. */
final class DemoFeatures {
  static final int D = 16;
  static final int H = 64;
  static final int DI = 64;

  private static final ObjectMapper JSON = new ObjectMapper();

  private DemoFeatures() {}

  /** Of the shape that is called S in the README. */
  static ModelConfig modelConfig(PlantedTruth truth) {
    List<EmbeddingBagConfig> tables = new ArrayList<>();
    for (SparseField field : truth.sparse()) {
      String name = field.shape().name();
      tables.add(new EmbeddingBagConfig("t_" + name, field.rows(), D, List.of(name)));
    }
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN, truth.dense().size(), H, DI, false, tables);
  }

  static String modelJson(PlantedTruth truth) {
    return ModelConfigWriter.toJson(modelConfig(truth));
  }

  static String toJson(PlantedTruth truth) {
    ObjectNode features = JSON.createObjectNode();
    var dense = features.putArray("dense");
    for (DenseField field : truth.dense()) {
      ObjectNode node = dense.addObject().put("name", field.name());
      node.putArray("transforms").add("log1p");
      if (!field.required()) {
        node.put("default", 0.0);
      }
    }
    var sparse = features.putArray("sparse");
    for (SparseField field : truth.sparse()) {
      ObjectNode node = sparse.addObject().put("name", field.shape().name());
      switch (field.shape().encoding()) {
        case ID -> node.put("encoding", "id");
        case HEX -> node.put("encoding", "hex");
        case VOCABULARY -> {
          node.put("encoding", "vocabulary");
          field.words().forEach(node.putArray("vocabulary")::add);
        }
      }
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(features) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings and numbers is always JSON", e);
    }
  }
}
