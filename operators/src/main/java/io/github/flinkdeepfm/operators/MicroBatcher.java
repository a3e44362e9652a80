package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.RejectedEventException;

/**
 * Decodes events into one micro-batch and says when it is full. Knows nothing of Flink, time or
 * threads. Every event that goes in is afterwards a row or a rejected event, never neither, never
 * both.
 */
final class MicroBatcher {
  private final ScoringSettings settings;
  private final EventDecoder decoder;
  private final MicroBatch batch;
  private final DecodedEvent decoded = new DecodedEvent();

  private long cutBags;
  private long unknownFields;

  MicroBatcher(ScoringSettings settings, ModelStore.Lease model) {
    this.settings = settings;
    this.decoder = model.model().newDecoder(settings.mapping());
    this.batch = new MicroBatch(model, decoder.newBatch());
  }

  /** Counts on from where another one stands, forgetting what it counted itself. */
  void countFrom(MicroBatcher before) {
    cutBags = before.cutBags;
    unknownFields = before.unknownFields;
  }

  /** The batch under way. */
  MicroBatch batch() {
    return batch;
  }

  /** Adds one event; {@code now} is epoch milliseconds, when it was read. */
  void add(RawEvent event, long now) {
    try {
      decoder.decode(event.value(), batch.features, decoded);
    } catch (RejectedEventException e) {
      reject(event, e.reason(), e.detail(), now);
      return;
    }
    long size = outputSize(event);
    if (size > settings.outputLimit()) {
      batch.features.removeLastRow();
      String detail =
          "expected at most %d bytes of key, headers, id, label and copied fields, got %d"
              .formatted(settings.outputLimit(), size);
      reject(event, DeadLetterReason.OUTPUT_TOO_LARGE, detail, now);
      return;
    }
    batch.describeRow(event, decoded, now);
    cutBags += decoded.cutBags;
    unknownFields += decoded.unknownFields;
  }

  boolean isFull() {
    return batch.size() >= settings.batchRows() || batch.features.totalIds() >= settings.batchIds();
  }

  /** Bags that max_length has cut since the start. */
  long cutBags() {
    return cutBags;
  }

  /** Unknown fields seen since the start. */
  long unknownFields() {
    return unknownFields;
  }

  private void reject(RawEvent event, DeadLetterReason reason, String detail, long now) {
    batch.rejected.add(new DeadLetter(event, reason, detail, now));
  }

  private long outputSize(RawEvent event) {
    long size = event.outputBytes() + length(decoded.label);
    for (byte[] field : decoded.copied) {
      size += length(field);
    }
    return size;
  }

  private static int length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
