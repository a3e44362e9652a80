package io.github.flinkdeepfm.operators;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Keeps the events of the last K micro-batches, and those before them until there are as many as
 * asked for, as far back as their bytes fit. Keeps of an event what encoding reads, not its key and
 * headers.
 */
final class LiveSample<E> {
  /** Enough for a distribution of scores, and no burden on the heap of a slot. */
  static final long MAX_BYTES = 16L << 20;

  private final EventKind<E, ?, ?> kind;
  private final int batches;
  private final int minEvents;
  private final long maxBytes;
  private final Deque<E> events = new ArrayDeque<>();

  /** How many events are left of each batch. */
  private final Deque<Integer> batchSizes = new ArrayDeque<>();

  private long bytes;
  private boolean full;

  /**
   * @param batches K
   * @param minEvents of small batches more than K are kept, for so many events
   * @param maxBytes of all events that are kept
   */
  LiveSample(EventKind<E, ?, ?> kind, int batches, int minEvents, long maxBytes) {
    this.kind = kind;
    this.batches = batches;
    this.minEvents = minEvents;
    this.maxBytes = maxBytes;
  }

  /** Takes the events of a batch that had a row; the batch itself is reused. */
  void keep(MicroBatch<E> batch) {
    batchSizes.addLast(batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      E event = kind.sample(batch.event(row));
      events.addLast(event);
      bytes += kind.sampleBytes(event);
    }
    while (batchSizes.size() > batches && events.size() - batchSizes.getFirst() >= minEvents) {
      for (int left = batchSizes.removeFirst(); left > 0; left--) {
        bytes -= kind.sampleBytes(events.removeFirst());
      }
    }
    while (bytes > maxBytes) {
      full = true;
      dropOldest();
    }
  }

  /** Oldest first. */
  List<E> events() {
    return new ArrayList<>(events);
  }

  /** Whether there are as many events as asked for, or were too many bytes for them. */
  boolean isEnough() {
    return full || events.size() >= minEvents;
  }

  private void dropOldest() {
    bytes -= kind.sampleBytes(events.removeFirst());
    int left = batchSizes.removeFirst() - 1;
    if (left > 0) {
      batchSizes.addFirst(left);
    }
  }
}
