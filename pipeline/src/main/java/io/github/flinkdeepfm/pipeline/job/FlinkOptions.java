package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.CheckpointingMode;

/** The Flink configuration of a job. */
public final class FlinkOptions {
  private FlinkOptions() {}

  /**
   * Our defaults, over them the options of the section {@code flink}. Without a checkpoint
   * interval, checkpointing stays off.
   */
  public static Configuration of(JobConfig config) {
    Configuration options = new Configuration();
    options.set(PipelineOptions.MAX_PARALLELISM, JobConfig.Flink.MAX_PARALLELISM);
    options.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    config
        .longestCheckpoint()
        .filter(
            most -> most.compareTo(CheckpointingOptions.CHECKPOINTING_TIMEOUT.defaultValue()) < 0)
        .ifPresent(most -> options.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, most));
    config.flink().options().values().forEach(options::setString);

    options.set(PipelineOptions.NAME, config.job());
    options.set(PipelineOptions.GENERIC_TYPES, false);
    options.set(PipelineOptions.OBJECT_REUSE, true);
    options.set(PipelineOptions.OPERATOR_CHAINING, true);
    options.set(CoreOptions.DEFAULT_PARALLELISM, config.flink().parallelism());
    options.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
    options.set(
        CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
    config
        .flink()
        .checkpointInterval()
        .ifPresent(interval -> options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, interval));
    return options;
  }
}
