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
  private long generation;

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
    json.begin(bytes, end);
    return bytes[from] == '{' && json.isEnd(readNode(root, from, row));
  }

  /** Reads the value at {@code at}; gives where it ends, or {@link JsonScanner#NONE}. */
  private int readNode(FieldNode node, int at, Row row) {
    if (node.onlyReader != null) {
      return node.onlyReader.scan(json, at, row);
    }
    for (int i = 0; i < node.readers.size(); i++) { // each reads the value by itself
      if (node.readers.get(i).scan(json, at, row) == JsonScanner.NONE) {
        return JsonScanner.NONE;
      }
    }
    return node.hasChildren() ? readFields(node, at, row) : json.endOfValue(at);
  }

  private int readFields(FieldNode node, int from, Row row) {
    byte[] bytes = json.bytes;
    if (bytes[from] == 'n') {
      return json.endOfNull(from);
    }
    if (bytes[from] != '{') {
      return JsonScanner.NONE;
    }
    int at = json.open(from);
    if (at == JsonScanner.NONE) {
      return JsonScanner.NONE;
    }
    if (bytes[at] == '}') {
      return json.close(at, '}');
    }
    FieldNode last = null;
    FieldNode child = node.expected(null);
    int value = child == null ? JsonScanner.NONE : json.endOf(child.name, at);
    while (true) {
      if (value == JsonScanner.NONE) {
        int nameEnd = bytes[at] == '"' ? json.endOfText(at) : JsonScanner.NONE;
        if (nameEnd == JsonScanner.NONE) {
          return JsonScanner.NONE;
        }
        child = node.child(bytes, at + 1, nameEnd - 1);
        at = json.skipSpace(nameEnd);
        if (bytes[at] != ':') {
          return JsonScanner.NONE;
        }
        value = at + 1;
        if (child != null) {
          node.expect(child, last);
        }
      }
      at = json.skipSpace(value);
      if (child == null) {
        at = json.endOfValue(at);
        row.event.unknownFields++;
      } else {
        if (child.seen == generation) {
          return JsonScanner.NONE; // twice
        }
        child.seen = generation;
        at = readNode(child, at, row);
        last = child;
      }
      if (at == JsonScanner.NONE) {
        return JsonScanner.NONE;
      }
      child = node.expected(last);
      value = child == null ? JsonScanner.NONE : json.endOf(child.nameWithComma, at);
      if (value == JsonScanner.NONE) {
        at = json.skipSpace(at);
        if (bytes[at] != ',') {
          return json.close(at, '}');
        }
        at = json.skipSpace(at + 1);
        value = child == null ? JsonScanner.NONE : json.endOf(child.name, at);
      }
    }
  }
}
