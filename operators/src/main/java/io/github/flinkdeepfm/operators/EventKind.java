package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.Serializable;
import org.apache.flink.util.OutputTag;

/**
 * One kind of event that the operators score: how it becomes rows, and what its scores and dead
 * letters are.
 *
 * @param <E> the event
 * @param <S> its score
 * @param <D> its dead letter
 */
interface EventKind<E, S, D> extends Serializable {

  /** An encoder of a version; its own thread's. */
  BatchEncoder<E> newEncoder(ServingModel model, ScoringSettings settings);

  /** Which event it is, in the log and in errors. */
  String place(E event);

  /** What of an event is kept for a canary. */
  E sample(E event);

  /** Heap bytes of a sample, roughly. */
  int sampleBytes(E event);

  /** When a row's record came to be, in epoch milliseconds; {@link RawEvent#NO_TIMESTAMP}. */
  long producedAt(MicroBatch<E> batch, int row);

  /** The timestamp of the stream record of a row's score; {@link MicroBatcher#NO_TIMESTAMP}. */
  long timestamp(MicroBatch<E> batch, int row);

  /**
   * The score of one row, as it leaves.
   *
   * @param timing where its time went
   * @param shadow null without one
   */
  S scored(
      MicroBatch<E> batch,
      int row,
      float logit,
      float score,
      ServingModel model,
      long scoredAt,
      ScoredEvent.Timing timing,
      ScoredEvent.Shadow shadow);

  D deadLetter(Rejected<E> rejected);

  /** The side output of dead letters. */
  OutputTag<D> deadLetters();
}
