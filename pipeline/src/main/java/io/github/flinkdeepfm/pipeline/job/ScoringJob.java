package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Events in, scores and dead letters out. All of it is one chain: every event is handled in one
 * task from the Kafka consumer to the producers.
 */
public final class ScoringJob {
  private ScoringJob() {}

  /** What the operators are configured with, for a model version that stays. */
  public static ScoringSettings settings(ScoringConfig scoring, ModelLocation model) {
    return settings(scoring, model, null);
  }

  /**
   * The same for a model version that is resolved already, and perhaps followed by others. Each
   * call is a submission of its own.
   */
  public static ScoringSettings settings(JobConfig config, ModelLocation model) {
    return settings(config.scoring(), model, refresh(config, model))
        .withDevice(config.model().device());
  }

  private static ScoringSettings settings(
      ScoringConfig scoring, ModelLocation model, RefreshSettings refresh) {
    return new ScoringSettings(
        model.root().orElse(null),
        model.directory(),
        model.version(),
        model.requested(),
        scoring.event(),
        scoring.batch().rows(),
        scoring.batch().ids(),
        scoring.batch().linger().toMillis(),
        ScoringSettings.DEFAULT_OUTPUT_LIMIT,
        refresh);
  }

  /**
   * A pinned version of a root that is not on a mounted file system is brought here by the same
   * means as those that a job follows; it needs no checkpoints.
   */
  private static RefreshSettings refresh(JobConfig config, ModelLocation model) {
    Optional<String> root = config.model().root();
    boolean pinned = config.model().pin().isPresent();
    if (root.isEmpty() || (pinned && !ModelLocator.isRemote(root.get()))) {
      return null;
    }
    JobConfig.Refresh refresh = config.model().refresh();
    return new RefreshSettings(
        root.get(),
        config.flink().checkpointInterval().isPresent() ? refresh.at() : RefreshSettings.At.BATCH,
        refresh.poll().toMillis(),
        refresh.prepareTimeout().toMillis(),
        refresh.onMissing() == JobConfig.OnMissing.NEWEST,
        refresh.cacheDir().orElse(null),
        refresh.cacheBytes(),
        refresh.memoryBytes(),
        refresh.canary().orElse(null),
        UUID.randomUUID().toString(),
        pinned ? model.version() : null,
        refresh.storageTimeout().toMillis());
  }

  /**
   * Adds the job to an environment that was made with {@link FlinkOptions#of}.
   *
   * @param settings of the operators, with the model version to start with
   */
  public static void define(
      StreamExecutionEnvironment env, JobConfig config, ScoringSettings settings) {
    DataStream<RawEvent> events =
        env.fromSource(
                KafkaEvents.source(config),
                WatermarkStrategy.noWatermarks(),
                "events",
                KafkaEvents.TYPE)
            .uid("events");

    SingleOutputStreamOperator<ScoredEvent> scores = ScoringPipeline.score(events, settings);
    DataStream<DeadLetter> deadLetters = scores.getSideOutput(ScoringPipeline.DEAD_LETTERS);

    scores.sinkTo(KafkaSinks.scores(config)).name("scores").uid("scores");
    deadLetters.sinkTo(KafkaSinks.deadLetters(config)).name("dead-letters").uid("dead-letters");
  }
}
