package io.github.flinkdeepfm.operators;

/**
 * Which record an event was: unique within a cluster, and what exactly-once is counted by.
 *
 * @param topic the topic, or the file's name
 * @param partition the partition; 0 for a file
 * @param offset the offset, or the line counted from 0
 */
public record SourceCoordinates(String topic, int partition, long offset) {

  /** {@code topic-partition-offset}: the id of an event that has none of its own. */
  public String asEventId() {
    return topic + "-" + partition + "-" + offset;
  }
}
