package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * All mapped JSON pointers as one tree of field names, walked along with the parser: each field of
 * an event is looked up once, and what no pointer leads to is skipped.
 *
 * <pre>
 *   /dense/I1, /dense/I2, /event_id      root ─ dense ─ I1 (reader)
 *                                             │       └ I2 (reader)
 *                                             └ event_id (reader)
 * </pre>
 */
final class FieldTrie {
  private final Node root = new Node("");
  private int generation;

  /**
   * Several readers may share one pointer: they read in the order in which they were added.
   *
   * @throws IllegalArgumentException if {@code pointer} is not a JSON pointer
   */
  void add(String pointer, FieldReader reader) {
    Node node = root;
    for (String name : JsonPointers.parse(pointer)) {
      node = node.childOrNew(name);
    }
    node.readers.add(reader);
  }

  /** Reads the object that {@code cursor} stands at the start of. */
  void read(JsonCursor cursor, Row row) throws IOException, RejectedEventException {
    generation++;
    readNode(root, cursor, JsonToken.START_OBJECT, row);
  }

  private void readNode(Node node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    int users = node.readers.size() + (node.size == 0 ? 0 : 1);
    if (users == 1) {
      readOnce(node, cursor, token, row);
      return;
    }
    // Rare: a shared pointer, or one that leads through another's value. Each reads it by itself.
    if (token.isScalarValue()) {
      for (FieldReader reader : node.readers) {
        reader.read(cursor, token, row);
      }
      if (node.size > 0) {
        readFields(node, cursor, token, row);
      }
      return;
    }
    JsonCursor.Span span = cursor.skipValue();
    for (int i = 0; i < users; i++) {
      try (JsonCursor copy = cursor.over(span)) {
        JsonToken first = copy.parser.nextToken();
        if (i < node.readers.size()) {
          node.readers.get(i).read(copy, first, row);
        } else {
          readFields(node, copy, first, row);
        }
      }
    }
  }

  private void readOnce(Node node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (node.size == 0) {
      node.readers.get(0).read(cursor, token, row);
    } else {
      readFields(node, cursor, token, row);
    }
  }

  private void readFields(Node node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_OBJECT) {
      throw cursor.wrongType("an object", node.pointer);
    }
    JsonParser parser = cursor.parser;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      Node child = node.child(name);
      if (child == null) {
        parser.nextToken();
        parser.skipChildren();
        row.event.unknownFields++;
        continue;
      }
      if (child.seen == generation) {
        throw new RejectedEventException(
            DeadLetterReason.DUPLICATE_FIELD,
            "expected each field once, got it twice (" + child.pointer + ")");
      }
      child.seen = generation;
      readNode(child, cursor, parser.nextToken(), row);
    }
  }

  /** One field name on the way of a pointer; its children in an open-addressing hash table. */
  private static final class Node {
    final String pointer;
    final List<FieldReader> readers = new ArrayList<>(1);
    private String[] names = new String[4];
    private Node[] children = new Node[4];
    int size;
    int seen;

    Node(String pointer) {
      this.pointer = pointer;
    }

    /** Null if no pointer has this name here. */
    Node child(String name) {
      int slot = slot(name);
      if (names[slot] != null) {
        names[slot] = name; // the parser's own String: equal by identity the next time
      }
      return children[slot];
    }

    Node childOrNew(String name) {
      Node child = child(name);
      if (child == null) {
        child = new Node(pointer + "/" + JsonPointers.escape(name));
        if (++size * 2 > names.length) {
          grow();
        }
        int slot = slot(name);
        names[slot] = name;
        children[slot] = child;
      }
      return child;
    }

    private int slot(String name) {
      int mask = names.length - 1;
      int hash = name.hashCode(); // the parser gives one String a name, which keeps its hash
      int slot = (hash ^ (hash >>> 16)) & mask;
      while (names[slot] != null && !names[slot].equals(name)) {
        slot = (slot + 1) & mask;
      }
      return slot;
    }

    private void grow() {
      String[] oldNames = names;
      Node[] oldChildren = children;
      names = new String[oldNames.length * 2];
      children = new Node[oldNames.length * 2];
      for (int i = 0; i < oldNames.length; i++) {
        if (oldNames[i] != null) {
          int slot = slot(oldNames[i]);
          names[slot] = oldNames[i];
          children[slot] = oldChildren[i];
        }
      }
    }
  }
}
