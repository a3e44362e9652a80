package io.github.flinkdeepfm.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.Problems;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of one JSON object, taken one by one; what is wrong with them is added to {@link
 * Problems} and a stand-in returned, so that reading goes on.
 */
final class JsonFields {
  private final ObjectNode object;
  private final String where;
  private final Problems problems;
  private final Set<String> known = new HashSet<>();

  /**
   * @param where the object's place in the document, empty for the document itself
   */
  JsonFields(ObjectNode object, String where, Problems problems) {
    this.object = object;
    this.where = where;
    this.problems = problems;
  }

  String at(String key) {
    return where.isEmpty() ? key : where + "." + key;
  }

  /** Empty if absent or null. */
  Optional<JsonNode> optional(String key) {
    known.add(key);
    JsonNode node = object.get(key);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  private Optional<JsonNode> required(String key, String expected) {
    Optional<JsonNode> node = optional(key);
    if (node.isEmpty()) {
      problems.expected(at(key), expected, object.has(key) ? "null" : "no such key");
    }
    return node;
  }

  /** A required integer from 1 to {@code max}; 1 if it is wrong. */
  long positive(String key, long max) {
    String expected = "an integer from 1 to " + max;
    return required(key, expected)
        .filter(
            node -> {
              boolean fits =
                  node.isIntegralNumber()
                      && node.canConvertToLong()
                      && node.longValue() >= 1
                      && node.longValue() <= max;
              if (!fits) {
                problems.expected(at(key), expected, shown(node));
              }
              return fits;
            })
        .map(JsonNode::longValue)
        .orElse(1L);
  }

  /** An optional boolean. */
  boolean flag(String key, boolean defaultValue) {
    Optional<JsonNode> node = optional(key);
    if (node.isPresent() && !node.get().isBoolean()) {
      problems.expected(at(key), "true or false", shown(node.get()));
    }
    return node.map(n -> n.asBoolean(defaultValue)).orElse(defaultValue);
  }

  /** A required string; empty if it is wrong. */
  Optional<String> string(String key) {
    return required(key, "a string").flatMap(node -> text(at(key), node));
  }

  /** An optional string that names a constant of {@code type}. */
  <E extends Enum<E>> E constant(String key, Class<E> type, E defaultValue) {
    Optional<JsonNode> node = optional(key);
    if (node.isEmpty()) {
      return defaultValue;
    }
    for (E constant : type.getEnumConstants()) {
      if (node.get().isTextual() && node.get().textValue().equals(constant.name())) {
        return constant;
      }
    }
    problems.expected(
        at(key), "one of " + Arrays.toString(type.getEnumConstants()), shown(node.get()));
    return defaultValue;
  }

  /** An optional array of strings that are not empty. */
  List<String> strings(String key) {
    List<String> found = new ArrayList<>();
    Optional<JsonNode> node = optional(key);
    if (node.isPresent() && !node.get().isArray()) {
      problems.expected(at(key), "an array of strings", shown(node.get()));
    } else if (node.isPresent()) {
      for (int i = 0; i < node.get().size(); i++) {
        text(at(key) + "[" + i + "]", node.get().get(i)).ifPresent(found::add);
      }
    }
    return found;
  }

  /** A required array of objects. */
  List<JsonFields> objects(String key) {
    List<JsonFields> found = new ArrayList<>();
    Optional<JsonNode> node = required(key, "an array of objects");
    if (node.isPresent() && !node.get().isArray()) {
      problems.expected(at(key), "an array of objects", shown(node.get()));
    } else if (node.isPresent()) {
      for (int i = 0; i < node.get().size(); i++) {
        String place = at(key) + "[" + i + "]";
        if (node.get().get(i) instanceof ObjectNode element) {
          found.add(new JsonFields(element, place, problems));
        } else {
          problems.expected(place, "an object", shown(node.get().get(i)));
        }
      }
    }
    return found;
  }

  /** Every key that no call above asked for is a problem. */
  void rejectUnknown() {
    object
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                problems.add(
                    where,
                    "expected no other keys than "
                        + known.stream().sorted().toList()
                        + ", got "
                        + Text.quote(key));
              }
            });
  }

  private Optional<String> text(String place, JsonNode node) {
    if (!node.isTextual() || node.textValue().isEmpty()) {
      problems.expected(place, "a string that is not empty", shown(node));
      return Optional.empty();
    }
    return Optional.of(node.textValue());
  }

  static String shown(JsonNode node) {
    return node.isTextual() ? Text.quote(node.textValue()) : node.toString();
  }
}
