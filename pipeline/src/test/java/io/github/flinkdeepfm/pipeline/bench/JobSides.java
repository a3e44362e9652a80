package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.OtherStages;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.job.BenchSinks;
import io.github.flinkdeepfm.pipeline.job.KafkaEvents;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The scoring job and the jobs beside it, all with its source, its sinks and its settings. */
final class JobSides {
  private JobSides() {}

  /** The job as it is. */
  static void scoring(StreamExecutionEnvironment env, JobConfig config) {
    ScoringJob.define(env, config, settings(config));
  }

  /** The same without a model: our micro-batcher decodes, the events' own bytes go on. */
  static void noModel(StreamExecutionEnvironment env, JobConfig config) {
    OtherStages.decode(events(env, config), settings(config)).sinkTo(BenchSinks.events(config));
  }

  /** The same with ONNX Runtime for the arithmetic: our micro-batches and decoder. */
  static void batchedOnnx(StreamExecutionEnvironment env, JobConfig config) {
    OtherStages.score(events(env, config), settings(config), OnnxScorer::new)
        .sinkTo(BenchSinks.scores(config));
  }

  /** What users write today: Jackson and one call of ONNX Runtime an event, in a map function. */
  static void perEventOnnx(StreamExecutionEnvironment env, JobConfig config) {
    Path model = Path.of(model(config).directory());
    events(env, config)
        .map(new PerEventOnnx(model.toString()))
        .returns(new ChainedTypeInfo<>(ScoredEvent.class))
        .sinkTo(BenchSinks.scores(config));
  }

  private static DataStream<RawEvent> events(StreamExecutionEnvironment env, JobConfig config) {
    return env.fromSource(
        KafkaEvents.source(config), WatermarkStrategy.noWatermarks(), "events", KafkaEvents.TYPE);
  }

  private static ScoringSettings settings(JobConfig config) {
    return ScoringJob.settings(config, model(config));
  }

  private static ModelLocation model(JobConfig config) {
    return ModelLocator.locate(config.model(), Optional.empty());
  }
}
