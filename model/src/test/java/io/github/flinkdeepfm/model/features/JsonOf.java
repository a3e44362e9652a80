package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.io.NumberOutput;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The JSON of values in Java's types, the slow way: null, Boolean, Integer, Long, BigInteger,
 * Float, Double, String, byte[], List and Map.
 */
final class JsonOf {
  private JsonOf() {}

  /** A float as the double of the same value, as columns are made of it. */
  static String exact(Object value) {
    StringBuilder json = new StringBuilder();
    append(value, true, json);
    return json.toString();
  }

  /** A float as its own shortest text, as it is copied. */
  static String copied(Object value) {
    StringBuilder json = new StringBuilder();
    append(value, false, json);
    return json.toString();
  }

  static byte[] bytes(Object value) {
    return exact(value).getBytes(UTF_8);
  }

  /** The value that a pointer leads to; null if there is none. */
  static Object at(Object value, String pointer) {
    Object here = value;
    for (String name : JsonPointers.parse(pointer)) {
      here = here instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return here;
  }

  private static void append(Object value, boolean exact, StringBuilder json) {
    if (value instanceof Float f && !exact) {
      json.append(NumberOutput.toString(f, true));
    } else if (value instanceof Float || value instanceof Double) {
      json.append(NumberOutput.toString(((Number) value).doubleValue(), true));
    } else if (value instanceof byte[] bytes) {
      json.append('"').append(Base64.getEncoder().encodeToString(bytes)).append('"');
    } else if (value instanceof String text) {
      json.append('"').append(JsonStringEncoder.getInstance().quoteAsString(text)).append('"');
    } else if (value instanceof List<?> list) {
      String comma = "";
      json.append('[');
      for (Object item : list) {
        json.append(comma);
        append(item, exact, json);
        comma = ",";
      }
      json.append(']');
    } else if (value instanceof Map<?, ?> map) {
      String comma = "";
      json.append('{');
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.append(comma);
        append(entry.getKey(), exact, json);
        json.append(':');
        append(entry.getValue(), exact, json);
        comma = ",";
      }
      json.append('}');
    } else {
      json.append(value); // null, a boolean, an integer
    }
  }
}
