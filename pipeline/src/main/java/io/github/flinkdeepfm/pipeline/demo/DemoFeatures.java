package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code features.json} of the demo: how the fields of a {@link PlantedTruth} are encoded. */
final class DemoFeatures {
  private static final ObjectMapper JSON = new ObjectMapper();

  private DemoFeatures() {}

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
