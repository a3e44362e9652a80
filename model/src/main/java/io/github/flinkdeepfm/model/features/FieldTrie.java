package io.github.flinkdeepfm.model.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All mapped JSON pointers as one tree of field names, so that an event is walked once, without a
 * tree of its own.
 */
final class FieldTrie {
  private static final int[] NONE = {};

  /** A field on the way of some pointer, or at the end of some. */
  static final class Node {
    final String pointer;
    final Map<String, Node> children = new HashMap<>();
    int[] dense = NONE;
    int[] sparse = NONE;
    int[] weights = NONE;
    int[] copies = NONE;
    boolean id;
    boolean time;
    boolean label;

    /** Serial number of the event in which this field was seen last. */
    long seenIn;

    /** Events mostly keep their fields' order: the child that followed this one last time. */
    private Node next;

    private String name;

    private Node(String pointer) {
      this.pointer = pointer;
    }

    /** Whether the value's own text is kept. */
    boolean isCopied() {
      return label || copies.length > 0;
    }

    /** Whether one scalar is read from here. */
    boolean isScalar() {
      return id || time || dense.length > 0;
    }

    boolean isBag() {
      return sparse.length > 0 || weights.length > 0;
    }

    /**
     * The child of that name, or null.
     *
     * @param previous the child that was found before in this object, or this node at its start
     */
    Node child(String field, Node previous) {
      Node guess = previous.next;
      if (guess != null && guess.name.equals(field)) {
        return guess;
      }
      Node child = children.get(field);
      if (child != null) {
        previous.next = child;
      }
      return child;
    }
  }

  final Node root = new Node("");

  /** The node at the end of {@code pointer}. */
  Node at(String pointer) {
    List<String> names =
        FieldPointer.parse(pointer)
            .orElseThrow(
                () -> new IllegalArgumentException("expected a JSON pointer, got " + pointer));
    Node node = root;
    for (String name : names) {
      String path = node.pointer + "/" + FieldPointer.escape(name);
      node = node.children.computeIfAbsent(name, n -> new Node(path));
      node.name = name;
    }
    return node;
  }

  static int[] append(int[] array, int value) {
    int[] longer = Arrays.copyOf(array, array.length + 1);
    longer[array.length] = value;
    return longer;
  }

  /** Every node below the root. */
  List<Node> nodes() {
    List<Node> found = new ArrayList<>(root.children.values());
    for (int i = 0; i < found.size(); i++) {
      found.addAll(found.get(i).children.values());
    }
    return found;
  }
}
