package io.github.flinkdeepfm.operators;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** The events of the last K micro-batches, as they came. */
final class LiveSample {
  private final int batches;
  private final Deque<RawEvent[]> latest = new ArrayDeque<>();

  /**
   * @param batches K
   */
  LiveSample(int batches) {
    this.batches = batches;
  }

  /** Takes the events of a batch that had a row; the batch itself is reused. */
  void keep(MicroBatch batch) {
    if (latest.size() == batches) {
      latest.removeFirst();
    }
    latest.addLast(Arrays.copyOf(batch.events, batch.rows()));
  }

  /** Oldest first. */
  List<RawEvent> events() {
    List<RawEvent> events = new ArrayList<>();
    latest.forEach(batch -> events.addAll(Arrays.asList(batch)));
    return events;
  }
}
