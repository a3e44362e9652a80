package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.Problems;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * One object of features.json while it is read: a value of the wrong type becomes a problem and its
 * fallback is read instead, so that the reading goes on to the next mistake.
 */
final class ConfigSection {
  private final String where;
  private final JsonNode object;
  private final Problems problems;
  private final Set<String> known = new HashSet<>();

  /** A value that is no object becomes a problem and reads as an empty object. */
  ConfigSection(String where, JsonNode value, Problems problems) {
    this.where = where;
    this.object = value;
    this.problems = problems;
    if (!value.isObject()) {
      problems.expected(where, "an object", describe(value));
    }
  }

  /** The place of {@code key}, for a problem. */
  String at(String key) {
    return where.isEmpty() ? key : where + "." + key;
  }

  boolean has(String key) {
    known.add(key);
    return object.has(key);
  }

  String string(String key, String fallback) {
    JsonNode value = get(key);
    if (value == null) {
      return fallback;
    }
    if (!value.isTextual()) {
      problems.expected(at(key), "a string", describe(value));
      return fallback;
    }
    return value.textValue();
  }

  long integer(String key, long min, long max, long fallback) {
    JsonNode value = get(key);
    if (value == null) {
      return fallback;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      problems.expected(at(key), "an integer from " + min + " to " + max, describe(value));
      return fallback;
    }
    return value.longValue();
  }

  OptionalDouble number(String key) {
    JsonNode value = get(key);
    if (value == null) {
      return OptionalDouble.empty();
    }
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      problems.expected(at(key), "a finite number", describe(value));
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(value.doubleValue());
  }

  /** The elements; none if absent. */
  List<JsonNode> array(String key) {
    JsonNode value = get(key);
    List<JsonNode> elements = new ArrayList<>();
    if (value == null) {
      return elements;
    }
    if (!value.isArray()) {
      problems.expected(at(key), "an array", describe(value));
    } else {
      value.forEach(elements::add);
    }
    return elements;
  }

  /** One value or an array of values; empty if absent. */
  Optional<List<JsonNode>> elements(String key) {
    JsonNode value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(value.isArray() ? array(key) : List.of(value));
  }

  /** A pointer to a field; a pointer to the whole document is none. */
  String pointer(String key, String fallback) {
    String pointer = string(key, fallback);
    try {
      if (JsonPointers.parse(pointer).isEmpty()) {
        problems.expected(at(key), "a JSON pointer to a field", "\"\"");
      }
      return pointer;
    } catch (IllegalArgumentException e) {
      problems.add(at(key), e.getMessage());
      return fallback;
    }
  }

  /** Makes each key that nothing has asked for a problem. */
  void rejectUnknownKeys() {
    object
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                problems.add(
                    at(key),
                    "expected one of " + known.stream().sorted().toList() + ", got " + key);
              }
            });
  }

  static String describe(JsonNode value) {
    if (value.isObject() || value.isArray()) {
      return value.isObject() ? "an object" : "an array";
    }
    String text = value.toString();
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }

  private JsonNode get(String key) {
    known.add(key);
    return object.get(key);
  }
}
