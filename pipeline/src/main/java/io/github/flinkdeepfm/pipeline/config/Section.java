package io.github.flinkdeepfm.pipeline.config;

import io.github.flinkdeepfm.model.Problems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One mapping of the document, read key by key. A mistake becomes a problem and the default is
 * returned, so that reading goes on to the next mistake; {@link #refuseUnknownKeys} comes last.
 */
final class Section {
  private final String path;
  private final Map<String, Object> values;
  private final Environment environment;
  private final Problems problems;
  private final Set<String> known = new LinkedHashSet<>();

  Section(String path, Map<String, Object> values, Environment environment, Problems problems) {
    this.path = path;
    this.values = values;
    this.environment = environment;
    this.problems = problems;
  }

  /** The section below this one; an empty one if it is absent or null. */
  Section section(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value != null && !(value instanceof Map)) {
      problems.expected(where(key), "a mapping", describe(value));
    }
    return new Section(where(key), asMap(value), environment, problems);
  }

  Optional<String> text(String key) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      problems.expected(where(key), "a text", describe(value));
      return Optional.empty();
    }
    return Optional.of(environment.substitute(text, where(key), problems));
  }

  /** A text that must be there and not blank; empty text if it is not. */
  String required(String key) {
    int before = problems.list().size();
    Optional<String> value = text(key).filter(text -> !text.isBlank());
    if (value.isEmpty() && problems.list().size() == before) {
      problems.add(where(key), "is required");
    }
    return value.orElse("");
  }

  int positive(String key, int otherwise) {
    return integer(key, otherwise, 1, Integer.MAX_VALUE);
  }

  int integer(String key, int otherwise, int min, int max) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      int value = Integer.parseInt(text.get());
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The problem below says it.
    }
    problems.expected(where(key), "an integer from " + min + " to " + max, text.get());
    return otherwise;
  }

  int size(String key, int otherwise) {
    Optional<String> text = text(key);
    Optional<Integer> size = text.flatMap(Quantities::size);
    if (text.isPresent() && size.isEmpty()) {
      problems.expected(where(key), Quantities.SIZE_FORM, text.get());
    }
    return size.orElse(otherwise);
  }

  long longSize(String key, long otherwise) {
    Optional<String> text = text(key);
    Optional<Long> size = text.flatMap(Quantities::longSize);
    if (text.isPresent() && size.isEmpty()) {
      problems.expected(where(key), Quantities.SIZE_FORM, text.get());
    }
    return size.orElse(otherwise);
  }

  /** A number that is not negative. */
  double decimal(String key, double otherwise) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    if (text.get().matches("\\d{1,9}(\\.\\d{1,9})?")) {
      return Double.parseDouble(text.get());
    }
    problems.expected(where(key), "a number such as 0.25", text.get());
    return otherwise;
  }

  Duration duration(String key, Duration otherwise) {
    Optional<String> text = text(key);
    Optional<Duration> duration = text.flatMap(Quantities::duration);
    if (text.isPresent() && duration.isEmpty()) {
      problems.expected(where(key), Quantities.DURATION_FORM, text.get());
    }
    return duration.orElse(otherwise);
  }

  /** A constant of the enum, written in lower case. */
  <E extends Enum<E>> E oneOf(String key, E otherwise, List<E> constants) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return otherwise;
    }
    for (E constant : constants) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(text.get())) {
        return constant;
      }
    }
    String names =
        String.join(
            " or ", constants.stream().map(c -> c.name().toLowerCase(Locale.ROOT)).toList());
    problems.expected(where(key), names, text.get());
    return otherwise;
  }

  /** A JSON pointer (RFC 6901) to a field, which the whole document is not. */
  String pointer(String key, String otherwise) {
    Optional<String> text = text(key);
    text.ifPresent(pointer -> checkPointer(where(key), pointer));
    return text.orElse(otherwise);
  }

  /** A list of JSON pointers without repetitions. */
  List<String> pointers(String key) {
    List<String> pointers = texts(key, "a JSON pointer such as /user/id");
    for (int i = 0; i < pointers.size(); i++) {
      checkPointer(where(key) + "[" + i + "]", pointers.get(i));
    }
    return pointers;
  }

  /**
   * A list of texts without repetitions.
   *
   * @param element what one of them is
   */
  List<String> texts(String key, String element) {
    known.add(key);
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> elements)) {
      problems.expected(where(key), "a list, each " + element, describe(value));
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String where = where(key) + "[" + i + "]";
      if (!(elements.get(i) instanceof String text)) {
        problems.expected(where, element, describe(elements.get(i)));
        continue;
      }
      String one = environment.substitute(text, where, problems);
      if (texts.contains(one)) {
        problems.add(where, "expected each once, got " + one + " again");
      }
      texts.add(one);
    }
    return texts;
  }

  /**
   * Every key of this section with its text, except those that were read by name; nested mappings
   * are joined by dots, as Flink and Kafka write their keys.
   */
  SortedMap<String, String> options() {
    SortedMap<String, String> options = new TreeMap<>();
    Map<String, Object> rest = new LinkedHashMap<>(values);
    rest.keySet().removeAll(known);
    known.addAll(rest.keySet());
    collect("", rest, options);
    return options;
  }

  void refuseUnknownKeys() {
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        problems.add(where(key), "unknown key; known here: " + String.join(", ", known));
      }
    }
  }

  void problem(String key, String message) {
    problems.add(where(key), message);
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  private void collect(String prefix, Map<String, Object> from, SortedMap<String, String> into) {
    for (Map.Entry<String, Object> entry : from.entrySet()) {
      String key = prefix + entry.getKey();
      Object value = entry.getValue();
      if (value instanceof Map) {
        collect(key + ".", asMap(value), into);
      } else if (!(value instanceof String text)) {
        problems.expected(where(key), "a text", describe(value));
      } else if (into.put(key, environment.substitute(text, where(key), problems)) != null) {
        problems.add(where(key), "expected each key once, got it again in a nested mapping");
      }
    }
  }

  private void checkPointer(String where, String pointer) {
    if (!pointer.startsWith("/") || pointer.matches("(?s).*~([^01].*|)")) {
      problems.expected(where, "a JSON pointer such as /user/id (RFC 6901)", "\"" + pointer + "\"");
    }
  }

  private String where(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  @SuppressWarnings("unchecked") // YamlTree makes maps with text keys only
  private static Map<String, Object> asMap(Object value) {
    return value instanceof Map ? (Map<String, Object>) value : Map.of();
  }

  private static String describe(Object value) {
    if (value == null) {
      return "nothing";
    }
    return value instanceof Map ? "a mapping" : value instanceof List ? "a list" : "a text";
  }
}
