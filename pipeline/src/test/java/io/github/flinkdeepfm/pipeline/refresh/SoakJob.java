package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoringPipeline;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamGraph;

/**
 * A job that follows a root of {@link SoakModel} from its first version on, with the events and the
 * accounting of {@link SoakLoad}.
 */
record SoakJob(Path root, Path cache, long tableBytes) {
  private static final Duration PREPARE_TIMEOUT = Duration.ofMinutes(5);

  /** Of a job that may not fail, and of its cluster. */
  static Configuration options(Duration checkpointInterval) {
    Configuration options = new Configuration();
    options.set(PipelineOptions.GENERIC_TYPES, false);
    options.set(PipelineOptions.OBJECT_REUSE, true);
    options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpointInterval);
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    options.setString("metrics.reporter.soak.factory.class", OperatorMetrics.class.getName());
    return options;
  }

  StreamGraph graph(Configuration options, int parallelism) {
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, options);
    var events =
        env.fromSource(
                new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                WatermarkStrategy.noWatermarks(),
                "ticks")
            .flatMap(new SoakLoad.Events())
            .returns(new ChainedTypeInfo<>(RawEvent.class));
    var scores = ScoringPipeline.score(events, settings());
    scores.map(new SoakLoad.Scores()).returns(Types.LONG).sinkTo(new DiscardingSink<>());
    scores
        .getSideOutput(ScoringPipeline.DEAD_LETTERS)
        .map(new SoakLoad.DeadLetters())
        .returns(Types.LONG)
        .sinkTo(new DiscardingSink<>());
    return env.getStreamGraph();
  }

  private ScoringSettings settings() {
    RefreshSettings refresh =
        new RefreshSettings(
            root.toString(),
            RefreshSettings.At.CHECKPOINT,
            50,
            PREPARE_TIMEOUT.toMillis(),
            false,
            cache.toString(),
            3 * tableBytes + 30_000_000,
            null,
            UUID.randomUUID().toString());
    return new ScoringSettings(
        root.toString(),
        root.resolve(SoakModel.name(1)).toString(),
        SoakModel.name(1),
        false,
        EventMapping.DEFAULT,
        ScoringSettings.DEFAULT_BATCH_ROWS,
        ScoringSettings.DEFAULT_BATCH_IDS,
        1,
        ScoringSettings.DEFAULT_OUTPUT_LIMIT,
        refresh);
  }
}
