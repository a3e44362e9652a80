package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import io.github.flinkdeepfm.pipeline.replay.Replay;
import io.github.flinkdeepfm.pipeline.replay.ReproductionSummary;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;

/** The streaming job of {@code run}, on a Flink cluster inside this process. */
final class LocalFlinkJob implements JobStarter.RunningJob {
  private static final int MAX_STOPS = 5;

  private final LocalCluster cluster;
  private final JobID job;
  private final Path savepoints;
  private final JobConfig config;
  private final FutureTask<?> ended;

  private LocalFlinkJob(LocalCluster cluster, JobID job, Path savepoints, JobConfig config) {
    this.config = config;
    this.cluster = cluster;
    this.job = job;
    this.savepoints = savepoints;
    ended = new FutureTask<>(() -> cluster.await(job));
    Thread watch = new Thread(ended, "job-watch");
    watch.setDaemon(true);
    watch.start();
  }

  /** The {@link JobStarter} of the demo. */
  static LocalFlinkJob start(Path jobFile, Path savepoints) throws Exception {
    JobConfig config = new JobConfigReader(Map.of()).read(jobFile);
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    Configuration options = FlinkOptions.of(config);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(options);
    env.setParallelism(config.flink().parallelism());
    ScoringJob.define(env, config, ScoringJob.settings(config, model));
    LocalCluster cluster = LocalCluster.start(options, config.flink().parallelism());
    try {
      JobID job = cluster.submit(env.getStreamGraph());
      cluster.awaitRunning(job);
      return new LocalFlinkJob(cluster, job, savepoints, config);
    } catch (Exception e) {
      cluster.close();
      throw e;
    }
  }

  @Override
  public String webInterface() {
    try {
      return cluster.restAddress().toString();
    } catch (Exception e) {
      return "(not available: " + e + ")";
    }
  }

  @Override
  public Future<?> ended() {
    return ended;
  }

  /**
   * Stops the job with a savepoint. A stop that meets a switch of versions aborts the checkpoint at
   * which subtasks switch, so that the job goes back to the one before: then it is asked again. No
   * version is published any more, so the second switch is the last.
   */
  @Override
  public void stop() throws Exception {
    for (int left = MAX_STOPS; ; left--) {
      try {
        cluster.stop(job, savepoints);
        return;
      } catch (ExecutionException e) {
        if (left == 1 || !ExceptionUtils.findThrowable(e, CheckpointException.class).isPresent()) {
          throw e;
        }
        cluster.awaitRunning(job);
      }
    }
  }

  @Override
  public ReproductionSummary reproduce() throws Exception {
    cluster.close(); // its memory is for the replay's cluster
    return Replay.ofTopic(config, savepoints.resolveSibling("replay-findings.jsonl"))
        .reproduce(true);
  }

  @Override
  public void close() throws Exception {
    cluster.close();
  }
}
