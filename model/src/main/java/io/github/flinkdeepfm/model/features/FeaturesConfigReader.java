package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.StrictJson;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Reads {@code features.json} of a model directory and checks it against the model. */
public final class FeaturesConfigReader {
  private static final String FILE_NAME = "features.json";

  private final Path modelDir;
  private final ModelConfig model;
  private final Problems problems;

  private FeaturesConfigReader(Path modelDir, ModelConfig model, Problems problems) {
    this.modelDir = modelDir;
    this.model = model;
    this.problems = problems;
  }

  /**
   * The features of a version; a delta without a features.json of its own has its base's.
   *
   * @throws io.github.flinkdeepfm.model.InvalidConfigurationException naming every mistake
   * @throws io.github.flinkdeepfm.model.InvalidModelException if the file cannot be read
   */
  public static FeaturesConfig read(ModelDirectory directory) {
    Path holder = directory.inheritedFile(FILE_NAME).map(Path::getParent).orElse(directory.path());
    return read(holder, directory.config());
  }

  /**
   * The model's features; {@link FeaturesConfig#defaults} if the directory has no features.json.
   *
   * @throws io.github.flinkdeepfm.model.InvalidConfigurationException naming every mistake
   * @throws io.github.flinkdeepfm.model.InvalidModelException if the file cannot be read
   */
  public static FeaturesConfig read(Path modelDir, ModelConfig model) {
    Path file = modelDir.resolve(FILE_NAME);
    if (!Files.exists(file)) {
      return FeaturesConfig.defaults(model);
    }
    Problems problems = new Problems(file.toString());
    FeaturesConfig config =
        new FeaturesConfigReader(modelDir, model, problems).parse(StrictJson.readObject(file));
    problems.throwIfAny();
    return config;
  }

  private FeaturesConfig parse(JsonNode root) {
    ConfigSection top = new ConfigSection("", root, problems);
    List<DenseFeature> dense = readDense(top.array("dense"));
    List<SparseFeature> sparse = readSparse(top.array("sparse"));
    top.rejectUnknownKeys();
    return new FeaturesConfig(dense, sparse);
  }

  private List<DenseFeature> readDense(List<JsonNode> entries) {
    if (entries.size() != model.numDenseFeatures()) {
      problems.expected(
          "dense",
          model.numDenseFeatures() + " features (num_dense_features of model.json)",
          entries.size());
    }
    List<DenseFeature> dense = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < entries.size(); i++) {
      ConfigSection entry = new ConfigSection("dense[" + i + "]", entries.get(i), problems);
      String name = readName(entry, names);
      String source = entry.pointer("source", FeaturesConfig.denseSource(name));
      List<Transform> transforms = readTransforms(entry);
      OptionalDouble raw = entry.number("default");
      entry.rejectUnknownKeys();
      DenseFeature feature = new DenseFeature(name, source, transforms, raw);
      if (raw.isPresent() && !Float.isFinite(feature.transform(raw.getAsDouble()))) {
        problems.expected(
            entry.at("default"),
            "a value that is finite as f32 after its transforms",
            raw.getAsDouble());
      }
      dense.add(feature);
    }
    return dense;
  }

  private List<SparseFeature> readSparse(List<JsonNode> entries) {
    Map<String, Long> tableRows = FeaturesConfig.tableRows(model);
    Map<String, SparseFeature> found = new HashMap<>();
    Set<String> names = new HashSet<>();
    EncodingReader encodings = new EncodingReader(modelDir, problems);
    for (int i = 0; i < entries.size(); i++) {
      ConfigSection entry = new ConfigSection("sparse[" + i + "]", entries.get(i), problems);
      String name = readName(entry, names);
      Long rows = tableRows.get(name);
      if (rows == null && !name.isEmpty()) {
        problems.expected(
            entry.at("name"), "a feature of the model " + tableRows.keySet(), "\"" + name + "\"");
      }
      String source = entry.pointer("source", FeaturesConfig.sparseSource(name));
      String weights = entry.pointer("weights_source", FeaturesConfig.weightsSource(name));
      int maxLength =
          (int) entry.integer("max_length", 1, SparseFeature.UNLIMITED, SparseFeature.UNLIMITED);
      int mistakes = problems.list().size();
      Encoding encoding = encodings.read(entry, rows == null ? Long.MAX_VALUE : rows);
      Optional<List<String>> elements =
          entry.elements("default").map(list -> list.stream().map(JsonNode::toString).toList());
      SparseFeature feature =
          new SparseFeature(name, source, weights, encoding, maxLength, elements);
      if (rows != null && problems.list().size() == mistakes) {
        checkDefault(entry, feature, rows);
      }
      entry.rejectUnknownKeys();
      found.putIfAbsent(name, feature);
    }
    List<SparseFeature> sparse = new ArrayList<>();
    for (String name : tableRows.keySet()) {
      if (found.containsKey(name)) {
        sparse.add(found.get(name));
      } else {
        problems.expected("sparse", "an entry for the model's feature \"" + name + "\"", "none");
      }
    }
    return sparse;
  }

  /** Of a feature without mistakes: they would be found again in what they make of the default. */
  private void checkDefault(ConfigSection entry, SparseFeature feature, long rows) {
    List<String> elements = feature.defaultElements().orElse(List.of());
    String where = entry.at("default") + " of " + feature.name();
    if (elements.size() > feature.maxLength()) {
      problems.expected(
          where, "at most max_length " + feature.maxLength() + " elements", elements.size());
    }
    IdEncoder encoder = IdEncoder.of(feature, rows);
    for (String element : elements) {
      try {
        if (BagDefault.encode(element, encoder) == IdEncoder.DROPPED) {
          problems.expected(where, "an id from 0 to " + (rows - 1), element);
        }
      } catch (RejectedEventException e) {
        problems.add(where, e.detail());
      }
    }
  }

  private String readName(ConfigSection entry, Set<String> names) {
    String name = entry.string("name", "");
    if (name.isEmpty()) {
      problems.expected(entry.at("name"), "a feature name", "none");
    } else if (!names.add(name)) {
      problems.expected(entry.at("name"), "each feature once", "\"" + name + "\" again");
    }
    return name;
  }

  private List<Transform> readTransforms(ConfigSection entry) {
    List<Transform> transforms = new ArrayList<>();
    List<JsonNode> steps = entry.array("transforms");
    for (int i = 0; i < steps.size(); i++) {
      readTransform(entry.at("transforms[" + i + "]"), steps.get(i), transforms);
    }
    return transforms;
  }

  private void readTransform(String where, JsonNode step, List<Transform> transforms) {
    if (step.isTextual() && step.textValue().equals("log1p")) {
      transforms.add(new Transform.Log1p());
    } else if (step.isObject() && step.size() == 1 && step.has("standardize")) {
      ConfigSection args = new ConfigSection(where, step.get("standardize"), problems);
      double mean = required(args, "mean", 0);
      double std = required(args, "std", 1);
      args.rejectUnknownKeys();
      if (std == 0) {
        problems.expected(args.at("std"), "a number other than 0", std);
      }
      transforms.add(new Transform.Standardize(mean, std));
    } else if (step.isObject() && step.size() == 1 && step.has("clip")) {
      ConfigSection args = new ConfigSection(where, step.get("clip"), problems);
      double min = required(args, "min", Double.NEGATIVE_INFINITY);
      double max = required(args, "max", Double.POSITIVE_INFINITY);
      args.rejectUnknownKeys();
      if (min > max) {
        problems.expected(where, "min at most max", min + " and " + max);
      }
      transforms.add(new Transform.Clip(min, max));
    } else {
      problems.expected(
          where,
          "\"log1p\", {\"standardize\":{\"mean\",\"std\"}} or {\"clip\":{\"min\",\"max\"}}",
          ConfigSection.describe(step));
    }
  }

  private double required(ConfigSection args, String key, double fallback) {
    if (!args.has(key)) {
      problems.expected(args.at(key), "a finite number", "none");
    }
    return args.number(key).orElse(fallback);
  }
}
