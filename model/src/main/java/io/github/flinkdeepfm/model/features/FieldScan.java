package io.github.flinkdeepfm.model.features;

/**
 * The walk of {@link FieldTrie} with a {@link JsonScanner} in the parser's place, for events
 * without anything unusual.
 *
 * <p>A producer writes its fields in one order, mostly: the name at hand is compared with the one
 * that came next in the event before, and only if that fails looked up.
 */
final class FieldScan {
  private final FieldNode root;
  private final JsonScanner json = new JsonScanner();
  private int generation;

  FieldScan(FieldNode root) {
    this.root = root;
  }

  /**
   * Reads the event bytes[from, end), UTF-8 without NUL bytes, into the row.
   *
   * @return whether it was read; otherwise the event, right or wrong, is left to the parser and
   *     what the row got of it does not count
   */
  boolean read(byte[] bytes, int from, int end, Row row) {
    if (bytes[end - 1] != '}') {
      return false;
    }
    generation--; // the parser's generations go up: neither meets the other's
    json.begin(bytes, from, end);
    return json.peek() == '{' && readNode(root, row) && json.isAtEnd();
  }

  private boolean readNode(FieldNode node, Row row) {
    if (node.onlyReader != null) {
      return node.onlyReader.scan(json, row);
    }
    int start = json.position();
    for (FieldReader reader : node.readers) {
      json.goTo(start);
      if (!reader.scan(json, row)) {
        return false;
      }
    }
    json.goTo(start);
    return node.hasChildren() ? readFields(node, row) : json.skipValue();
  }

  private boolean readFields(FieldNode node, Row row) {
    int opening = json.peek();
    if (opening == 'n') {
      return json.takeNull();
    }
    if (opening != '{' || !json.open()) {
      return false;
    }
    if (json.peek() == '}') {
      return json.close('}');
    }
    FieldNode last = null;
    FieldNode expected = node.first;
    do {
      FieldNode child = expected;
      if (json.peek() != '"') {
        return false;
      }
      if (child == null || !json.takeName(child.quotedName)) {
        if (!json.scanText()) {
          return false;
        }
        child = node.child(json.bytes(), json.textFrom(), json.textTo());
      }
      if (!json.take(':')) {
        return false;
      }
      json.peek();
      if (child == null) {
        if (!json.skipValue()) {
          return false;
        }
        row.event.unknownFields++;
        continue;
      }
      if (child.seen == generation) {
        return false; // twice
      }
      child.seen = generation;
      if (child != expected) {
        if (last == null) {
          node.first = child;
        } else {
          last.next = child;
        }
      }
      if (!readNode(child, row)) {
        return false;
      }
      last = child;
      expected = child.next;
    } while (json.take(','));
    return json.close('}');
  }
}
