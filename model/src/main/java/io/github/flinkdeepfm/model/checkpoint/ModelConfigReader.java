package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig.Kind;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code model.json}. Everything that TorchRec refuses when it constructs or first runs such
 * a model is refused here, and all of a document's mistakes are in one error.
 */
public final class ModelConfigReader {
  static final String SIMPLE_DEEP_FM_NN = "SimpleDeepFMNN";
  static final String EMBEDDING_BAG_COLLECTION = "EmbeddingBagCollection";

  private final JsonFields fields;
  private final Problems problems;

  private ModelConfigReader(JsonFields fields, Problems problems) {
    this.fields = fields;
    this.problems = problems;
  }

  /**
   * Reads and checks the file.
   *
   * @throws InvalidModelException if the file cannot be read
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public static ModelConfig read(Path file) {
    return read(file.toString(), StrictJson.readObject(file));
  }

  /**
   * Checks a document that is in memory.
   *
   * @param document names the text in errors
   * @throws InvalidConfigurationException naming all of its mistakes
   */
  public static ModelConfig parse(String document, String json) {
    return read(document, StrictJson.parseObject(document, json));
  }

  private static ModelConfig read(String document, ObjectNode object) {
    Problems problems = new Problems(document);
    ModelConfig config =
        new ModelConfigReader(new JsonFields(object, "", problems), problems).read();
    if (problems.isEmpty()) {
      new TableRules(config, problems).check();
    }
    problems.throwIfAny();
    return config;
  }

  private ModelConfig read() {
    Kind kind = kind();
    int dense = 0;
    int hidden = 0;
    int deep = 0;
    if (kind == Kind.SIMPLE_DEEP_FM_NN) {
      dense = (int) fields.positive("num_dense_features", Integer.MAX_VALUE);
      hidden = (int) fields.positive("hidden_layer_size", Integer.MAX_VALUE);
      deep = (int) fields.positive("deep_fm_dimension", Integer.MAX_VALUE);
    } else {
      // A collection has none of these; exporters that always write them are let be.
      List.of("num_dense_features", "hidden_layer_size", "deep_fm_dimension")
          .forEach(fields::optional);
    }
    boolean weighted = fields.flag("is_weighted", false);
    List<EmbeddingBagConfig> tables = new ArrayList<>();
    for (JsonFields table : fields.objects("tables")) {
      tables.add(table(table));
    }
    fields.rejectUnknown();
    return new ModelConfig(kind, dense, hidden, deep, weighted, tables);
  }

  private Kind kind() {
    if (fields.optional("model").isEmpty()) {
      return Kind.SIMPLE_DEEP_FM_NN;
    }
    String name = fields.string("model").orElse(SIMPLE_DEEP_FM_NN);
    if (name.equals(EMBEDDING_BAG_COLLECTION)) {
      return Kind.EMBEDDING_BAG_COLLECTION;
    }
    if (!name.equals(SIMPLE_DEEP_FM_NN)) {
      problems.expected(
          "model", SIMPLE_DEEP_FM_NN + " or " + EMBEDDING_BAG_COLLECTION, Text.quote(name));
    }
    return Kind.SIMPLE_DEEP_FM_NN;
  }

  private static EmbeddingBagConfig table(JsonFields table) {
    String name = table.string("name").orElse("");
    long rows = table.positive("num_embeddings", Long.MAX_VALUE);
    int dim = (int) table.positive("embedding_dim", Integer.MAX_VALUE);
    List<String> features = table.strings("feature_names");
    PoolingType pooling = table.constant("pooling", PoolingType.class, PoolingType.SUM);
    DataType dataType = table.constant("data_type", DataType.class, DataType.FP32);
    table.rejectUnknown();
    return new EmbeddingBagConfig(name, rows, dim, features, pooling, dataType);
  }
}
