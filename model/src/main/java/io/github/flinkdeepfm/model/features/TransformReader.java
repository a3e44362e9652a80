package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.model.checkpoint.JsonFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the {@code transforms} of a dense feature. */
final class TransformReader {
  private static final String EXPECTED =
      "\"log1p\", {\"standardize\":{\"mean\":…,\"std\":…}} or {\"clip\":{\"min\":…,\"max\":…}}";

  private final Problems problems;

  TransformReader(Problems problems) {
    this.problems = problems;
  }

  List<Transform> read(JsonFields feature) {
    List<Transform> transforms = new ArrayList<>();
    Optional<JsonNode> node = feature.optional("transforms");
    if (node.isEmpty()) {
      return transforms;
    }
    if (!node.get().isArray()) {
      problems.expected(
          feature.at("transforms"), "an array of " + EXPECTED, JsonFields.shown(node.get()));
      return transforms;
    }
    for (int i = 0; i < node.get().size(); i++) {
      transform(feature.at("transforms") + "[" + i + "]", node.get().get(i))
          .ifPresent(transforms::add);
    }
    return transforms;
  }

  private Optional<Transform> transform(String where, JsonNode node) {
    if (node.isTextual() && node.textValue().equals("log1p")) {
      return Optional.of(new Transform.Log1p());
    }
    if (node instanceof ObjectNode object && object.size() == 1) {
      String name = object.fieldNames().next();
      if (object.get(name) instanceof ObjectNode arguments) {
        JsonFields fields = new JsonFields(arguments, where + "." + name, problems);
        if (name.equals("standardize")) {
          return Optional.of(standardize(fields));
        }
        if (name.equals("clip")) {
          return Optional.of(clip(fields));
        }
      }
    }
    problems.expected(where, EXPECTED, JsonFields.shown(node));
    return Optional.empty();
  }

  private Transform standardize(JsonFields fields) {
    double mean = required(fields, "mean");
    double std = required(fields, "std");
    fields.rejectUnknown();
    if (std <= 0) {
      problems.expected(fields.at("std"), "a number above 0", std);
    }
    return new Transform.Standardize(mean, std);
  }

  private Transform clip(JsonFields fields) {
    double min = required(fields, "min");
    double max = required(fields, "max");
    fields.rejectUnknown();
    if (min > max) {
      problems.expected(fields.at("min"), "at most max " + max, min);
    }
    return new Transform.Clip(min, max);
  }

  private double required(JsonFields fields, String key) {
    if (fields.optional(key).isEmpty()) {
      problems.expected(fields.at(key), "a number", "none");
      return 1;
    }
    return fields.number(key).orElse(1);
  }
}
