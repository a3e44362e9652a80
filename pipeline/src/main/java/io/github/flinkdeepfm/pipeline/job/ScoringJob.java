package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.DeepFmScoring;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
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
    return with(DeepFmScoring.ofDirectory(model.directory()), scoring).settings(model);
  }

  /**
   * The same for a model version that is resolved already, and perhaps followed by others. Each
   * call is a submission of its own.
   */
  public static ScoringSettings settings(JobConfig config, ModelLocation model) {
    return scoring(config).settings(model);
  }

  private static DeepFmScoring scoring(JobConfig config) {
    JobConfig.Model model = config.model();
    JobConfig.Refresh refresh = model.refresh();
    DeepFmScoring scoring =
        model
            .root()
            .map(DeepFmScoring::of)
            .orElseGet(() -> DeepFmScoring.ofDirectory(model.directory().orElseThrow()));
    return with(scoring, config.scoring())
        .withDevice(model.device())
        .withPin(model.pin().orElse(null))
        .withShadow(config.shadow().orElse(null))
        .withRefreshAt(
            config.flink().checkpointInterval().isPresent()
                ? refresh.at()
                : RefreshSettings.At.BATCH)
        .withPoll(refresh.poll())
        .withPrepareTimeout(refresh.prepareTimeout())
        .withStorageTimeout(refresh.storageTimeout())
        .withNewestIfMissing(refresh.onMissing() == JobConfig.OnMissing.NEWEST)
        .withCacheDir(refresh.cacheDir().orElse(null))
        .withCacheBytes(refresh.cacheBytes())
        .withMemoryBytes(refresh.memoryBytes())
        .withCanary(refresh.canary().orElse(null))
        .withAllowAbsent(model.allowAbsent());
  }

  private static DeepFmScoring with(DeepFmScoring scoring, ScoringConfig config) {
    return scoring
        .withMapping(config.event())
        .withOutputBytes(config.outputLimit())
        .withBatchRows(config.batch().rows())
        .withBatchIds(config.batch().ids())
        .withLinger(config.batch().linger());
  }

  /**
   * Adds the job to an environment that was made with {@link FlinkOptions#of}.
   *
   * @param settings of the operators, with the model version to start with
   */
  public static void define(
      StreamExecutionEnvironment env, JobConfig config, ScoringSettings settings) {
    define(env, config, settings, false);
  }

  /**
   * The same.
   *
   * @param newTopicAllowed whether a restored state's offsets of another event topic are dropped
   *     instead of refused
   */
  public static void define(
      StreamExecutionEnvironment env,
      JobConfig config,
      ScoringSettings settings,
      boolean newTopicAllowed) {
    DataStream<RawEvent> events =
        env.fromSource(
                KafkaEvents.source(config, newTopicAllowed),
                WatermarkStrategy.noWatermarks(),
                "events",
                KafkaEvents.TYPE)
            .uid("events");

    SingleOutputStreamOperator<ScoredEvent> scores = scoring(config).scoreEvents(events, settings);
    DataStream<DeadLetter> deadLetters = scores.getSideOutput(ScoringPipeline.DEAD_LETTERS);

    scores.sinkTo(KafkaSinks.scores(config)).name("scores").uid("scores");
    deadLetters.sinkTo(KafkaSinks.deadLetters(config)).name("dead-letters").uid("dead-letters");
  }
}
