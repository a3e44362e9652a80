package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.RejectedEventException;

/**
 * Encodes events into one micro-batch and says when it is full. Knows nothing of Flink, time or
 * threads. Every event that goes in is afterwards a row or a rejected event, never neither, never
 * both.
 */
final class MicroBatcher<E> {
  /** Of a stream record that has none, as Flink has it. */
  static final long NO_TIMESTAMP = Long.MIN_VALUE;

  /** The start of 2000, epoch milliseconds. */
  private static final long EARLY = 946_684_800_000L;

  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;
  private final long early;
  private final BatchEncoder<E> encoder;
  private final MicroBatch<E> batch;

  private long cutBags;
  private long unknownFields;
  private long earlyTimes;

  MicroBatcher(EventKind<E, ?, ?> kind, ScoringSettings settings, ModelStore.Lease model) {
    this.kind = kind;
    this.settings = settings;
    this.early =
        kind instanceof RawEvents
                && settings.mapping().timeFormat() == EventMapping.TimeFormat.EPOCH_MS
            ? EARLY
            : NO_TIMESTAMP;
    this.encoder = kind.newEncoder(model.model(), settings);
    this.batch = new MicroBatch<>(model, encoder.newColumns());
  }

  /** Counts on from where another one stands, forgetting what it counted itself. */
  void countFrom(MicroBatcher<E> before) {
    cutBags = before.cutBags;
    unknownFields = before.unknownFields;
    earlyTimes = before.earlyTimes;
  }

  /** The batch under way. */
  MicroBatch<E> batch() {
    return batch;
  }

  /** As {@link #add(Object, long, long)}, of a record without a timestamp. */
  void add(E event, long now) {
    add(event, NO_TIMESTAMP, now);
  }

  /**
   * Adds one event.
   *
   * @param timestamp the stream record's, or {@link #NO_TIMESTAMP}
   * @param now epoch milliseconds, when it was read
   * @throws BrokenInstallationException if it cannot be encoded for want of something that is no
   *     event's
   */
  void add(E event, long timestamp, long now) {
    try {
      encoder.encode(event, timestamp, now, batch);
    } catch (RejectedEventException e) {
      if (e.reason() == DeadLetterReason.DECODER_FAILED) {
        DecoderFailures.OF_PROCESS.tell(kind.place(event), e.detail(), e.getCause());
      }
      batch.rejected.add(new Rejected<>(event, e.reason(), e.detail(), now));
      return;
    } catch (Error e) {
      if (BrokenInstallationException.isMeantBy(e)) {
        throw BrokenInstallationException.of(kind.place(event), e);
      }
      throw e;
    }
    cutBags += encoder.cutBags();
    unknownFields += encoder.unknownFields();
    long time = batch.timestamps[batch.rows() - 1];
    if (time < early && time >= 0) {
      earlyTimes++;
    }
  }

  boolean isFull() {
    return batch.size() >= settings.batchRows() || batch.features.totalIds() >= settings.batchIds();
  }

  /** Bags that max_length has cut since the start. */
  long cutBags() {
    return cutBags;
  }

  /** Raw events since the start whose time is before 2000, if times are epoch milliseconds. */
  long earlyTimes() {
    return earlyTimes;
  }

  /** Unknown fields seen since the start. */
  long unknownFields() {
    return unknownFields;
  }
}
