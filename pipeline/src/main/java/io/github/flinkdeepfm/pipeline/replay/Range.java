package io.github.flinkdeepfm.pipeline.replay;

import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A bounded part of an event topic.
 *
 * @param topic the topic, also as scores name it
 * @param parts by partition
 */
record Range(String topic, SortedMap<Integer, Part> parts) {
  Range {
    parts = Collections.unmodifiableSortedMap(new TreeMap<>(parts));
  }

  /**
   * Offsets of one partition: {@code asked ≤ from ≤ to}.
   *
   * @param asked the first offset that belongs to the range
   * @param from the first that the topic still had when the range was resolved; those between were
   *     deleted by retention
   * @param to the first that does not belong to the range
   */
  record Part(long asked, long from, long to) {
    boolean contains(long offset) {
      return offset >= asked && offset < to;
    }

    Span span() {
      return new Span(from, to);
    }
  }

  /** Offsets from {@code from} (inclusive) to {@code to} (exclusive). */
  record Span(long from, long to) implements Serializable {
    boolean contains(long offset) {
      return offset >= from && offset < to;
    }

    boolean isEmpty() {
      return from >= to;
    }
  }

  boolean contains(String eventTopic, int partition, long offset) {
    Part part = parts.get(partition);
    return part != null && part.contains(offset) && topic.equals(eventTopic);
  }

  /** What the topic still has of each partition. */
  Map<Integer, Span> spans() {
    Map<Integer, Span> spans = new TreeMap<>();
    parts.forEach((partition, part) -> spans.put(partition, part.span()));
    return spans;
  }

  /** How many offsets the topic still has; some may hold no event. */
  long offsets() {
    return parts.values().stream().mapToLong(part -> part.to() - part.from()).sum();
  }

  @Override
  public String toString() {
    return parts.entrySet().stream()
        .map(e -> e.getKey() + ":[" + e.getValue().from() + "," + e.getValue().to() + ")")
        .collect(Collectors.joining(" ", topic + " ", ""));
  }
}
