package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/**
 * One field name on the way of a pointer, with its readers and the names below it: by String for
 * the parser, by bytes for the scanner.
 */
final class FieldNode {
  final String pointer;
  final List<FieldReader> readers = new ArrayList<>(1);

  /** The reader, if there is one and no pointer leads on; else null. */
  FieldReader onlyReader;

  /** The walk that came by last. */
  long seen;

  /** The child that the event before had first; null: none yet. */
  private FieldNode first;

  /** The sibling that stood behind this one in the event before; null: none yet. */
  private FieldNode next;

  final QuotedName name;
  final QuotedName nameWithComma;

  private final List<FieldNode> inOrder = new ArrayList<>();
  private final ByteKeys byBytes = new ByteKeys();
  private String[] names = new String[4];
  private FieldNode[] children = new FieldNode[4];

  FieldNode(String pointer, String name) {
    this.pointer = pointer;
    this.name = QuotedName.of(name);
    nameWithComma = QuotedName.withComma(name);
  }

  void add(FieldReader reader) {
    readers.add(reader);
    onlyReader = readers.size() == 1 && inOrder.isEmpty() ? reader : null;
  }

  boolean hasChildren() {
    return !inOrder.isEmpty();
  }

  /** The child that came after {@code last}, or first if that is null, in the event before. */
  FieldNode expected(FieldNode last) {
    return last == null ? first : last.next;
  }

  /** Expects {@code child} there from now on. */
  void expect(FieldNode child, FieldNode last) {
    if (last == null) {
      first = child;
    } else {
      last.next = child;
    }
  }

  /** Null if no pointer has this name here. */
  FieldNode child(String name) {
    int slot = slot(name);
    if (names[slot] != null) {
      names[slot] = name; // the parser's own String: equal by identity the next time
    }
    return children[slot];
  }

  /** Null if no pointer has the name bytes[from, to) here. */
  FieldNode child(byte[] bytes, int from, int to) {
    int place = byBytes.find(bytes, from, to);
    return place == ByteKeys.ABSENT ? null : inOrder.get(place);
  }

  FieldNode childOrNew(String name) {
    FieldNode child = child(name);
    if (child == null) {
      child = new FieldNode(pointer + "/" + JsonPointers.escape(name), name);
      if (QuotedName.isPlain(name)) { // the scanner meets no others
        byBytes.put(name.getBytes(UTF_8), inOrder.size());
      }
      inOrder.add(child);
      onlyReader = null;
      if (inOrder.size() * 2 > names.length) {
        grow();
      }
      int slot = slot(name);
      names[slot] = name;
      children[slot] = child;
    }
    return child;
  }

  /** In an open-addressing hash table. */
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
    FieldNode[] oldChildren = children;
    names = new String[oldNames.length * 2];
    children = new FieldNode[oldNames.length * 2];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != null) {
        int slot = slot(oldNames[i]);
        names[slot] = oldNames[i];
        children[slot] = oldChildren[i];
      }
    }
  }
}
