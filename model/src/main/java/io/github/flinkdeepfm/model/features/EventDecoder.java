package io.github.flinkdeepfm.model.features;

/**
 * Decodes one event's bytes straight into a row of columns. What a format's values mean is the same
 * in all: an event has the columns of the JSON event with the same values. Not thread-safe.
 *
 * @see JsonEventDecoder
 */
public interface EventDecoder {

  /** An empty batch of this decoder's shape. */
  FeatureBatch newBatch();

  /**
   * Appends the event as one row.
   *
   * @param value the event's bytes; null is a tombstone
   * @param batch of {@link #newBatch}; as before if the event is rejected
   * @param out overwritten; of no meaning if the event is rejected
   * @throws RejectedEventException if the event is a dead letter
   * @see GuardedDecoder what becomes of an event at which this fails in any other way
   */
  void decode(byte[] value, FeatureBatch batch, DecodedEvent out) throws RejectedEventException;
}
