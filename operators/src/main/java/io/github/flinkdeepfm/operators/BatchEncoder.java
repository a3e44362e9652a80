package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;

/** Encodes events of one kind for one model version. Not thread-safe. */
interface BatchEncoder<E> {

  /** Empty columns of the version's shape. */
  FeatureBatch newColumns();

  /**
   * Appends the event as one row, with what its score needs beside it.
   *
   * @param timestamp the stream record's, or {@link MicroBatcher#NO_TIMESTAMP}
   * @param now epoch milliseconds, when it was read
   * @throws RejectedEventException if it is a dead letter; then the batch is as before
   */
  void encode(E event, long timestamp, long now, MicroBatch<E> batch) throws RejectedEventException;

  /** Bags of the last row that {@code max_length} cut. */
  int cutBags();

  /** Unknown fields of the last row. */
  int unknownFields();
}
