package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.Problems;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
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

  /** Scores with one version at a time; see the other method. */
  public static SingleOutputStreamOperator<ScoredEvent> score(
      DataStream<RawEvent> events, ScoringSettings settings) {
    return score(events, settings, null);
  }

  /**
   * @param shadow of a second version that scores every micro-batch beside the first and stays;
   *     null for none
   * @throws InvalidConfigurationException if versions are to switch at checkpoints, and those are
   *     off, unaligned, or not EXACTLY_ONCE: then a barrier does not divide the events
   * @return the scores, with {@link #DEAD_LETTERS} as side output; per-partition order is kept
   */
  public static SingleOutputStreamOperator<ScoredEvent> score(
      DataStream<RawEvent> events, ScoringSettings settings, ScoringSettings shadow) {
    return score(
        events, RawEvents.KIND, new ChainedTypeInfo<>(ScoredEvent.class), "", settings, shadow);
  }

  /**
   * Scores a stream of any kind.
   *
   * @param prefix of the operators' names and uids
   */
  static <E, S> SingleOutputStreamOperator<S> score(
      DataStream<E> events,
      EventKind<E, S, ?> kind,
      TypeInformation<S> type,
      String prefix,
      ScoringSettings settings,
      ScoringSettings shadow) {
    StreamExecutionEnvironment env = events.getExecutionEnvironment();
    if (!env.isChainingEnabled()) {
      Problems problems = new Problems("scoring");
      problems.expected(
          "operator chaining (pipeline.operator-chaining.enabled)", "it on", "it off");
      problems.throwIfAny();
    }
    if (settings.refresh() != null) {
      requireBarriers(env.getCheckpointConfig(), settings.refresh());
    }
    return events
        .transform(
            prefix + MICRO_BATCH,
            MicroBatch.type(),
            settings.refresh() == null
                ? new MicroBatchOperatorFactory<>(kind, settings)
                : new RefreshingMicroBatchFactory<>(kind, settings))
        .uid(prefix + MICRO_BATCH)
        .transform(prefix + SCORE, type, new ScoringOperatorFactory<>(kind, shadow))
        .uid(prefix + SCORE);
  }

  private static void requireBarriers(CheckpointConfig checkpoints, RefreshSettings refresh) {
    if (refresh.at() == RefreshSettings.At.BATCH || refresh.pin() != null) {
      return;
    }
    Problems problems = new Problems("model refresh");
    if (!checkpoints.isCheckpointingEnabled()) {
      problems.expected("checkpointing", "it on, or refresh.at: batch", "it off");
    }
    if (checkpoints.getCheckpointingConsistencyMode() != CheckpointingMode.EXACTLY_ONCE) {
      problems.expected(
          "checkpointing mode",
          CheckpointingMode.EXACTLY_ONCE.name(),
          checkpoints.getCheckpointingConsistencyMode());
    }
    if (checkpoints.isUnalignedCheckpointsEnabled()) {
      problems.expected("checkpoints", "aligned ones", "unaligned ones");
    }
    problems.throwIfAny();
  }
}
