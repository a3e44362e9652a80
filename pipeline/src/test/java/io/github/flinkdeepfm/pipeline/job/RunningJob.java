package io.github.flinkdeepfm.pipeline.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.pipeline.FlinkRest;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The whole job on a Flink of its own, in this JVM. Its tasks run when it is made. */
final class RunningJob implements AutoCloseable {
  private final LocalCluster cluster;
  private final JobID job;
  private final FlinkRest rest;

  private RunningJob(LocalCluster cluster, JobID job) throws Exception {
    this.cluster = cluster;
    this.job = job;
    rest = new FlinkRest(cluster.restAddress());
  }

  static RunningJob start(JobConfig config) throws Exception {
    return start(config, Optional.empty());
  }

  /** With the state of a savepoint. */
  static RunningJob start(JobConfig config, Optional<Path> savepoint) throws Exception {
    return start(config, savepoint, false);
  }

  /** The same, of another event topic too. */
  static RunningJob start(JobConfig config, Optional<Path> savepoint, boolean newTopicAllowed)
      throws Exception {
    Configuration options = FlinkOptions.of(config);
    savepoint.ifPresent(
        path -> options.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
    int parallelism = config.flink().parallelism();
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, options);
    ScoringJob.define(
        env,
        config,
        ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())),
        newTopicAllowed);
    LocalCluster cluster = LocalCluster.start(options, parallelism);
    try {
      JobID job = cluster.submit(env.getStreamGraph());
      cluster.awaitRunning(job);
      return new RunningJob(cluster, job);
    } catch (Exception | AssertionError e) {
      cluster.close();
      throw e;
    }
  }

  /** Waits for a condition, unless the job fails before. */
  void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      cluster.awaitRunning(job); // throws if it has failed
      Thread.sleep(50);
    }
  }

  /** Waits until the job has completed so many checkpoints. */
  void awaitCheckpoints(int count) throws Exception {
    await(() -> checkpoints() >= count);
  }

  /** A metric {@code <operator>.<name>}, summed over the subtasks; 0 until Flink has fetched it. */
  double metric(String name) throws Exception {
    String vertices = "/jobs/" + job + "/vertices/";
    String vertex = rest.get("/jobs/" + job).at("/vertices/0/id").asText();
    return rest.get(vertices + vertex + "/subtasks/metrics?agg=sum&get=" + name)
        .at("/0/sum")
        .asDouble();
  }

  int checkpoints() throws Exception {
    JsonNode answer = rest.get("/jobs/" + job + "/checkpoints");
    return answer.at("/counts/completed").asInt();
  }

  /** Stops it with a savepoint in the directory; all transactions are committed then. */
  void stop(Path directory) throws Exception {
    cluster.stop(job, directory);
  }

  /** The same; returns the savepoint, the only one in the directory. */
  Path stopForRestore(Path directory) throws Exception {
    stop(directory);
    try (Stream<Path> savepoints = Files.list(directory)) {
      return savepoints.findFirst().orElseThrow();
    }
  }

  /** Cancels it as soon as a savepoint is there, which may have something left to commit. */
  Path cancelWithSavepoint(Path directory) throws Exception {
    return Path.of(URI.create(rest.cancelWithSavepoint(job.toHexString(), directory)));
  }

  /** Ends it as Ctrl-C does; what was not committed stays open. */
  void cancel() throws Exception {
    cluster.cancel(job);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
