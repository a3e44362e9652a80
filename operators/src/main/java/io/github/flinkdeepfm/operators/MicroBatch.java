package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A micro-batch: the columns that the model reads, what each row's score needs beside them, and the
 * events that were rejected on the way. Its buffers are reused for the next batch: whoever keeps
 * anything of it copies it.
 */
final class MicroBatch<E> {
  private static final TypeInformation<?> TYPE = new ChainedTypeInfo<>(MicroBatch.class);

  final ModelStore.Lease model;
  final FeatureBatch features;
  final List<Rejected<E>> rejected = new ArrayList<>();

  private Object[] events = new Object[16];
  String[] eventIds = new String[16];
  long[] timestamps = new long[16];
  long[] readAt = new long[16];
  byte[][] labels = new byte[16][];
  byte[][][] copied = new byte[16][][];

  MicroBatch(ModelStore.Lease model, FeatureBatch features) {
    this.model = model;
    this.features = features;
  }

  /** Of batches on their way to the scorer. */
  @SuppressWarnings("unchecked")
  static <E> TypeInformation<MicroBatch<E>> type() {
    return (TypeInformation<MicroBatch<E>>) TYPE;
  }

  int rows() {
    return features.rows();
  }

  /** Events in it, rejected ones too. */
  int size() {
    return rows() + rejected.size();
  }

  /** The event of a row. */
  @SuppressWarnings("unchecked")
  E event(int row) {
    return (E) events[row];
  }

  /**
   * Notes what belongs to the row that was just committed.
   *
   * @param timestamp epoch milliseconds, or what stands for none in this kind of event
   * @param now epoch milliseconds
   */
  void describeRow(E event, long timestamp, long now) {
    int row = rows() - 1;
    if (row == events.length) {
      int size = row * 2;
      events = Arrays.copyOf(events, size);
      eventIds = Arrays.copyOf(eventIds, size);
      timestamps = Arrays.copyOf(timestamps, size);
      readAt = Arrays.copyOf(readAt, size);
      labels = Arrays.copyOf(labels, size);
      copied = Arrays.copyOf(copied, size);
    }
    events[row] = event;
    timestamps[row] = timestamp;
    readAt[row] = now;
  }

  /** Notes what belongs to the row of a record that was just committed, too. */
  static void describeRow(
      MicroBatch<RawEvent> batch, RawEvent event, DecodedEvent decoded, long now) {
    batch.describeRow(
        event,
        decoded.eventTime == DecodedEvent.NO_TIME ? event.timestamp() : decoded.eventTime,
        now);
    int row = batch.rows() - 1;
    String eventId = decoded.eventId();
    batch.eventIds[row] = eventId == null ? event.source().asEventId() : eventId;
    batch.labels[row] = decoded.label;
    batch.copied[row] = decoded.copied.length == 0 ? decoded.copied : decoded.copied.clone();
  }

  /** Lets go of the events too: large ones would stay on the heap until their place is reused. */
  void clear() {
    Arrays.fill(events, 0, rows(), null);
    Arrays.fill(labels, 0, rows(), null);
    Arrays.fill(copied, 0, rows(), null);
    features.clear();
    rejected.clear();
  }
}
