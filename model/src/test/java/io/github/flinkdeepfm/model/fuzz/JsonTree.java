package io.github.flinkdeepfm.model.fuzz;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A JSON document that can be put together wrongly: names may stand twice, and names and scalars
 * are kept as the text that is written.
 */
public final class JsonTree {
  /** What a node is written as. */
  enum Kind {
    OBJECT,
    ARRAY,
    SCALAR
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] SPACES = {" ", "\n", "\t ", "\r\n", "  "};

  Kind kind;
  String text;
  final List<String> names = new ArrayList<>();
  final List<JsonTree> children = new ArrayList<>();

  private JsonTree(Kind kind, String text) {
    this.kind = kind;
    this.text = text;
  }

  public static JsonTree object() {
    return new JsonTree(Kind.OBJECT, "");
  }

  public static JsonTree array(List<JsonTree> elements) {
    JsonTree array = new JsonTree(Kind.ARRAY, "");
    array.children.addAll(elements);
    return array;
  }

  /** A value as it is written; any text will do. */
  public static JsonTree scalar(String source) {
    return new JsonTree(Kind.SCALAR, source);
  }

  /** A valid document. */
  public static JsonTree parse(String json) {
    try {
      return of(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static JsonTree of(JsonNode node) {
    if (node.isObject()) {
      JsonTree object = object();
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        object.add(quote(field.getKey()), of(field.getValue()));
      }
      return object;
    }
    if (node.isArray()) {
      JsonTree array = array(List.of());
      node.forEach(element -> array.children.add(of(element)));
      return array;
    }
    return scalar(node.toString());
  }

  public static String quote(String text) {
    return JSON.getNodeFactory().textNode(text).toString();
  }

  /** Adds a field; {@code name} is written as it is. */
  void add(String name, JsonTree child) {
    names.add(name);
    children.add(child);
  }

  /** Puts a value at a path of an object where nothing is yet; false if something is in the way. */
  public boolean put(List<String> path, JsonTree value) {
    JsonTree node = this;
    for (int i = 0; i < path.size(); i++) {
      int at = node.names.indexOf(quote(path.get(i)));
      boolean last = i == path.size() - 1;
      if (at < 0) {
        node.add(quote(path.get(i)), last ? value : object());
        at = node.names.size() - 1;
      } else if (last || node.children.get(at).kind != Kind.OBJECT) {
        return false;
      }
      node = node.children.get(at);
    }
    return true;
  }

  JsonTree copy() {
    JsonTree copy = new JsonTree(kind, text);
    copy.names.addAll(names);
    children.forEach(child -> copy.children.add(child.copy()));
    return copy;
  }

  void become(JsonTree other) {
    JsonTree copy = other.copy();
    kind = copy.kind;
    text = copy.text;
    names.clear();
    names.addAll(copy.names);
    children.clear();
    children.addAll(copy.children);
  }

  /** The document's bytes, one time in three with white space between tokens. */
  public byte[] write(Random random) {
    StringBuilder out = new StringBuilder();
    write(out, random.nextInt(3) == 0 ? random : null);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void write(StringBuilder out, Random spaces) {
    space(out, spaces);
    if (kind == Kind.SCALAR) {
      out.append(text);
    } else {
      out.append(kind == Kind.OBJECT ? '{' : '[');
      for (int i = 0; i < children.size(); i++) {
        out.append(i == 0 ? "" : ",");
        if (kind == Kind.OBJECT) {
          space(out, spaces);
          out.append(names.get(i)).append(':');
        }
        children.get(i).write(out, spaces);
        space(out, spaces);
      }
      out.append(kind == Kind.OBJECT ? '}' : ']');
    }
  }

  private static void space(StringBuilder out, Random spaces) {
    if (spaces != null && spaces.nextInt(4) == 0) {
      out.append(SPACES[spaces.nextInt(SPACES.length)]);
    }
  }
}
