package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

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
  private final FieldNode root = new FieldNode("", "");
  private long generation;

  /**
   * Several readers may share one pointer: they read in the order in which they were added.
   *
   * @throws IllegalArgumentException if {@code pointer} is not a JSON pointer
   */
  void add(String pointer, FieldReader reader) {
    FieldNode node = root;
    for (String name : JsonPointers.parse(pointer)) {
      node = node.childOrNew(name);
    }
    node.add(reader);
  }

  /** The walk with a scanner in the parser's place. */
  FieldScan newScan() {
    return new FieldScan(root);
  }

  /** Reads the object that {@code cursor} stands at the start of. */
  void read(JsonCursor cursor, Row row) throws IOException, RejectedEventException {
    generation++;
    readNode(root, cursor, JsonToken.START_OBJECT, row);
  }

  private void readNode(FieldNode node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    int users = node.readers.size() + (node.hasChildren() ? 1 : 0);
    if (users == 1) {
      readOnce(node, cursor, token, row);
      return;
    }
    // Rare: a shared pointer, or one that leads through another's value. Each reads it by itself.
    if (token.isScalarValue()) {
      for (FieldReader reader : node.readers) {
        reader.read(cursor, token, row);
      }
      if (node.hasChildren()) {
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

  private void readOnce(FieldNode node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (!node.hasChildren()) {
      node.readers.get(0).read(cursor, token, row);
    } else {
      readFields(node, cursor, token, row);
    }
  }

  private void readFields(FieldNode node, JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.START_OBJECT) {
      throw cursor.wrongType("an object", node.pointer);
    }
    JsonParser parser = cursor.parser;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      FieldNode child = node.child(name);
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
}
