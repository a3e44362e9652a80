package io.github.flinkdeepfm.operators;

import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.util.OutputTag;

/**
 * Adds micro-batching and scoring to a stream of raw events. Source, micro-batcher and scorer must
 * be chained (equal parallelism): nothing is serialised between them.
 */
public final class ScoringPipeline {
  /** The side output for events without a score. */
  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("dead-letters", new ChainedTypeInfo<>(DeadLetter.class));

  /** Name and uid of the micro-batching operator. */
  public static final String MICRO_BATCH = "micro-batch";

  /** Name and uid of the scoring operator. */
  public static final String SCORE = "score";

  private ScoringPipeline() {}

  /**
   * @return the scores, with {@link #DEAD_LETTERS} as side output; per-partition order is kept
   */
  public static SingleOutputStreamOperator<ScoredEvent> score(
      DataStream<RawEvent> events, ScoringSettings settings) {
    return events
        .transform(
            MICRO_BATCH,
            new ChainedTypeInfo<>(MicroBatch.class),
            settings.refresh() == null
                ? new MicroBatchOperatorFactory(settings)
                : new RefreshingMicroBatchFactory(settings))
        .uid(MICRO_BATCH)
        .transform(SCORE, new ChainedTypeInfo<>(ScoredEvent.class), new ScoringOperatorFactory())
        .uid(SCORE);
  }
}
