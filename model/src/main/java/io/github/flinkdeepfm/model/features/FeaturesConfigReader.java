package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.JsonFields;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.StrictJson;
import io.github.flinkdeepfm.model.checkpoint.Text;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads {@code features.json}; all of its mistakes are in one error. */
public final class FeaturesConfigReader {
  public static final String FILE = "features.json";

  private final ModelConfig config;
  private final Problems problems;
  private final EncodingReader encodings;

  private FeaturesConfigReader(ModelDirectory directory, Problems problems) {
    this.config = directory.config();
    this.problems = problems;
    this.encodings = new EncodingReader(directory, problems);
  }

  /**
   * Reads the directory's file, or its base's for a delta without one; without any, integers are
   * ids.
   *
   * @throws io.github.flinkdeepfm.model.InvalidConfigurationException naming all mistakes
   */
  public static FeaturesConfig read(ModelDirectory directory) {
    Optional<Path> file = directory.inheritedFile(FILE);
    if (file.isEmpty()) {
      return FeaturesConfig.defaults(directory.config());
    }
    Problems problems = new Problems(file.get().toString());
    ObjectNode object = StrictJson.readObject(file.get());
    FeaturesConfig features =
        new FeaturesConfigReader(directory, problems).read(new JsonFields(object, "", problems));
    problems.throwIfAny();
    return features;
  }

  private FeaturesConfig read(JsonFields fields) {
    List<DenseFeature> dense = new ArrayList<>();
    for (JsonFields feature : fields.optionalObjects("dense")) {
      dense.add(dense(feature));
    }
    Map<String, SparseFeature> sparse = new LinkedHashMap<>();
    for (JsonFields feature : fields.optionalObjects("sparse")) {
      sparse(feature, sparse);
    }
    fields.rejectUnknown();
    if (dense.size() != config.numDenseFeatures()) {
      problems.expected(
          "dense", config.numDenseFeatures() + " features (num_dense_features)", dense.size());
    }
    if (dense.stream().map(DenseFeature::name).distinct().count() != dense.size()) {
      problems.add("dense", "expected each name once, got one twice");
    }
    return new FeaturesConfig(dense, inModelOrder(sparse));
  }

  private List<SparseFeature> inModelOrder(Map<String, SparseFeature> byName) {
    List<SparseFeature> ordered = new ArrayList<>();
    for (String name : config.featureNames()) {
      SparseFeature feature = byName.get(name);
      if (feature == null) {
        problems.expected("sparse", "an entry for the model's feature " + Text.quote(name), "none");
      } else {
        ordered.add(feature);
      }
    }
    return ordered;
  }

  private DenseFeature dense(JsonFields fields) {
    String name = fields.string("name").orElse("");
    String source = pointer(fields, "source", FeaturesConfig.defaultSource("dense", name));
    OptionalDouble defaultValue = fields.number("default");
    List<Transform> transforms = new TransformReader(problems).read(fields);
    fields.rejectUnknown();
    DenseFeature feature = new DenseFeature(name, source, transforms, defaultValue);
    if (defaultValue.isPresent()
        && !Float.isFinite(feature.transform(defaultValue.getAsDouble()))) {
      problems.expected(
          fields.at("default"),
          "a value that is finite after its transforms",
          defaultValue.getAsDouble());
    }
    return feature;
  }

  private void sparse(JsonFields fields, Map<String, SparseFeature> found) {
    String name = fields.string("name").orElse("");
    String source = pointer(fields, "source", FeaturesConfig.defaultSource("sparse", name));
    String weights =
        pointer(fields, "weights_source", FeaturesConfig.defaultSource("weights", name));
    int maxLength =
        fields.optional("max_length").isEmpty()
            ? SparseFeature.UNLIMITED
            : (int) fields.positive("max_length", Integer.MAX_VALUE);
    Optional<EmbeddingBagConfig> table =
        config.tables().stream().filter(t -> t.featureNames().contains(name)).findFirst();
    if (table.isEmpty() && !name.isEmpty()) {
      problems.expected(
          fields.at("name"), "one of the model's features " + config.featureNames(), name);
    }
    Encoding encoding = encodings.read(fields, table.map(EmbeddingBagConfig::numEmbeddings));
    fields.rejectUnknown();
    if (found.put(name, new SparseFeature(name, source, weights, encoding, maxLength)) != null) {
      problems.add(fields.at("name"), "expected each name once, got " + name + " twice");
    }
  }

  private String pointer(JsonFields fields, String key, String defaultPointer) {
    Optional<JsonNode> node = fields.optional(key);
    if (node.isEmpty()) {
      return defaultPointer;
    }
    if (!node.get().isTextual() || FieldPointer.parse(node.get().textValue()).isEmpty()) {
      problems.expected(
          fields.at(key), "a JSON pointer such as " + defaultPointer, JsonFields.shown(node.get()));
      return defaultPointer;
    }
    return node.get().textValue();
  }
}
