package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What each event has to become, by its index. Written by one thread while others read what is
 * behind {@link #size}.
 *
 * <p>Event i is record i / P of partition i mod P (P partitions): the producer is idempotent, so a
 * partition keeps the order of sending, without gaps.
 */
final class AnswerKey {
  /** Five bytes each stay in memory. */
  static final int MOST_EVENTS = 50_000_000;

  private static final DeadLetterReason[] REASONS = DeadLetterReason.values();

  private final int partitions;
  private final float[] probabilities;
  private final byte[] reasons;
  private final AtomicLong size = new AtomicLong();

  AnswerKey(int events, int partitions) {
    this.partitions = partitions;
    probabilities = new float[events];
    reasons = new byte[events];
  }

  void add(Click click) {
    int i = (int) click.index();
    probabilities[i] = (float) click.probability();
    reasons[i] =
        (byte) click.malformed().map(kind -> kind.reason().ordinal() + 1).orElse(0).intValue();
    size.set(i + 1L);
  }

  /** How many events there are so far. */
  long size() {
    return size.get();
  }

  int partitionOf(long index) {
    return (int) (index % partitions);
  }

  /** The event at these coordinates; may lie behind {@link #size}. */
  long indexOf(int partition, long offset) {
    return offset * partitions + partition;
  }

  /** The true probability of a click. */
  double probability(long index) {
    return probabilities[(int) index];
  }

  /** Why it has to be a dead letter; empty: it has to be scored. */
  Optional<DeadLetterReason> reason(long index) {
    int code = reasons[(int) index];
    return code == 0 ? Optional.empty() : Optional.of(REASONS[code - 1]);
  }
}
