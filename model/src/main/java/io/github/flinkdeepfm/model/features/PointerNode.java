package io.github.flinkdeepfm.model.features;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One field name on the way of a pointer, with the sinks that take its value, in the order in which
 * they do, and the names below it, which come last.
 */
public final class PointerNode {
  private final String pointer;
  private final List<ValueSink> sinks = new ArrayList<>();
  private final Map<String, PointerNode> children = new LinkedHashMap<>();

  PointerNode(String pointer) {
    this.pointer = pointer;
  }

  void add(String to, ValueSink sink) {
    PointerNode node = this;
    for (String name : JsonPointers.parse(to)) {
      String below = node.pointer + "/" + JsonPointers.escape(name);
      node = node.children.computeIfAbsent(name, n -> new PointerNode(below));
    }
    node.sinks.add(sink);
  }

  /** Of a field that has two names: its value is taken by the sinks of both. */
  public static PointerNode both(PointerNode one, PointerNode other) {
    PointerNode both = new PointerNode(one.pointer);
    both.sinks.addAll(one.sinks);
    both.sinks.addAll(other.sinks);
    both.children.putAll(one.children);
    other.children.forEach((name, node) -> both.children.merge(name, node, PointerNode::both));
    return both;
  }

  /** From the event. */
  public String pointer() {
    return pointer;
  }

  public List<ValueSink> sinks() {
    return Collections.unmodifiableList(sinks);
  }

  public Map<String, PointerNode> children() {
    return Collections.unmodifiableMap(children);
  }

  /** Takes a value at this place that should have been an object with the names below. */
  public ValueSink noObject() {
    return new FieldSink(pointer) {
      @Override
      String expected() {
        return "an object";
      }
    };
  }
}
