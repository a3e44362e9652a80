package io.github.flinkdeepfm.operators;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The events of the last K micro-batches, as far back as their bytes fit. Keeps of an event what
 * encoding reads, not its key and headers.
 */
final class LiveSample {
  /** Enough for a distribution of scores, and no burden on the heap of a slot. */
  static final long MAX_BYTES = 16L << 20;

  private static final EventHeader[] NO_HEADERS = {};

  /** On the heap beside an event's value. */
  private static final int EVENT_OVERHEAD = 100;

  private final int batches;
  private final long maxBytes;
  private final Deque<RawEvent> events = new ArrayDeque<>();

  /** How many events are left of each batch. */
  private final Deque<Integer> batchSizes = new ArrayDeque<>();

  private long bytes;

  /**
   * @param batches K
   * @param maxBytes of all events that are kept
   */
  LiveSample(int batches, long maxBytes) {
    this.batches = batches;
    this.maxBytes = maxBytes;
  }

  /** Takes the events of a batch that had a row; the batch itself is reused. */
  void keep(MicroBatch batch) {
    if (batchSizes.size() == batches) {
      for (int left = batchSizes.removeFirst(); left > 0; left--) {
        bytes -= bytes(events.removeFirst());
      }
    }
    batchSizes.addLast(batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      RawEvent event = batch.events[row];
      events.addLast(
          new RawEvent(event.source(), event.timestamp(), null, event.value(), NO_HEADERS));
      bytes += bytes(event);
    }
    while (bytes > maxBytes) {
      dropOldest();
    }
  }

  /** Oldest first. */
  List<RawEvent> events() {
    return new ArrayList<>(events);
  }

  private void dropOldest() {
    bytes -= bytes(events.removeFirst());
    int left = batchSizes.removeFirst() - 1;
    if (left > 0) {
      batchSizes.addFirst(left);
    }
  }

  private static long bytes(RawEvent event) {
    return EVENT_OVERHEAD + event.value().length;
  }
}
