package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.storage.PrivateDirectories;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ConfigurationUtils;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobExecutionException;
import org.apache.flink.runtime.clusterframework.ApplicationStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.util.FileUtils;
import org.apache.flink.util.OptionalFailure;
import org.apache.flink.util.SerializedValue;

/**
 * Flink inside this JVM, with its web interface and REST API on the loopback interface: on {@code
 * rest.port} if that is configured, else on a free port. Only this user can read its temporary
 * files, and the folders for checkpoints and savepoints where it makes those.
 */
public final class LocalCluster implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String TEMPORARY = "flink-deepfm-cluster-";
  private static final long POLL_MILLIS = 50;

  private final MiniCluster cluster;
  private final List<Path> temporary;

  private LocalCluster(MiniCluster cluster, List<Path> temporary) {
    this.cluster = cluster;
    this.temporary = temporary;
  }

  /**
   * Starts it; it is ready when this returns.
   *
   * @param slots the parallelism that its jobs can have in total
   */
  public static LocalCluster start(Configuration options, int slots) throws Exception {
    Configuration configuration = new Configuration(options);
    configuration.set(RestOptions.ADDRESS, LOOPBACK);
    configuration.set(RestOptions.BIND_ADDRESS, LOOPBACK);
    configuration.set(JobManagerOptions.BIND_HOST, LOOPBACK);
    configuration.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
    if (!configuration.contains(WebOptions.SUBMIT_ENABLE)) {
      configuration.set(WebOptions.SUBMIT_ENABLE, false); // nobody uploads code to this process
    }
    if (!configuration.contains(RestOptions.BIND_PORT)) {
      configuration.set(
          RestOptions.BIND_PORT,
          configuration.getOptional(RestOptions.PORT).map(String::valueOf).orElse("0"));
    }
    createStateFolders(configuration);
    List<Path> temporary = createTemporaryFolders(configuration);
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
    try {
      cluster.start();
    } catch (Exception e) {
      new LocalCluster(cluster, temporary).close();
      throw e;
    }
    return new LocalCluster(cluster, temporary);
  }

  /** Job graphs, in which job.yaml's passwords are, and copies of models come into these. */
  private static List<Path> createTemporaryFolders(Configuration configuration) throws IOException {
    List<Path> folders = new ArrayList<>();
    for (String parent : ConfigurationUtils.parseTempDirectories(configuration)) {
      Path folder = Files.createDirectories(Path.of(parent)).toRealPath();
      folders.add(Files.createTempDirectory(folder, TEMPORARY)); // for this user only
    }
    configuration.set(
        CoreOptions.TMP_DIRS,
        folders.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    return folders;
  }

  /** What is there already has the permissions that somebody wants it to have. */
  private static void createStateFolders(Configuration configuration) throws IOException {
    for (ConfigOption<String> option :
        List.of(
            CheckpointingOptions.CHECKPOINTS_DIRECTORY, CheckpointingOptions.SAVEPOINT_DIRECTORY)) {
      Optional<String> folder = configuration.getOptional(option);
      if (folder.isPresent()) {
        URI uri = new org.apache.flink.core.fs.Path(folder.get()).toUri();
        if (uri.getScheme() == null || uri.getScheme().equals("file")) {
          PrivateDirectories.create(Path.of(uri.getPath()));
        }
      }
    }
  }

  public URI restAddress() throws Exception {
    return cluster.getRestAddress().get();
  }

  public JobID submit(StreamGraph job) throws Exception {
    return cluster.submitJob(job).get().getJobID();
  }

  /**
   * Waits until every task of a job runs, its state restored and its operators open.
   *
   * @throws IllegalStateException if the job ends before
   */
  public void awaitRunning(JobID job) throws Exception {
    while (true) {
      AccessExecutionGraph graph = cluster.getExecutionGraph(job).get();
      List<ExecutionState> tasks = new ArrayList<>();
      graph.getAllExecutionVertices().forEach(task -> tasks.add(task.getExecutionState()));
      if (!tasks.isEmpty() && tasks.stream().allMatch(ExecutionState.RUNNING::equals)) {
        return;
      }
      if (graph.getState().isTerminalState()) {
        await(job);
        throw new IllegalStateException("expected the job to run, got " + graph.getState());
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Waits for the end of a job.
   *
   * @return its result if it finished (a stop with savepoint finishes it), empty if it was
   *     cancelled
   * @throws JobExecutionException if it failed
   */
  public Optional<JobExecutionResult> await(JobID job) throws Exception {
    JobResult result = cluster.requestJobResult(job).get();
    return result.getApplicationStatus() == ApplicationStatus.CANCELED
        ? Optional.empty()
        : Optional.of(result.toJobExecutionResult(LocalCluster.class.getClassLoader()));
  }

  /** The job's accumulators as of its last heartbeat; empty before the first. */
  public Map<String, Object> accumulators(JobID job) {
    Map<String, Object> values = new HashMap<>();
    cluster
        .getExecutionGraph(job)
        .join()
        .getAccumulatorsSerialized()
        .forEach((name, value) -> values.put(name, deserialize(value)));
    return values;
  }

  private static Object deserialize(SerializedValue<OptionalFailure<Object>> value) {
    try {
      return value.deserializeValue(LocalCluster.class.getClassLoader()).getUnchecked();
    } catch (IOException | ClassNotFoundException e) {
      throw new IllegalStateException("an accumulator of Flink's own types cannot be read", e);
    }
  }

  /** Cancels a job and waits until it has let go of what it holds. */
  public void cancel(JobID job) throws Exception {
    JobStatus status = cluster.getJobStatus(job).get();
    if (!status.isGloballyTerminalState()) {
      cluster.cancelJob(job).get();
      cluster.requestJobResult(job).get();
    }
  }

  /**
   * Stops a job after a savepoint, so that its last transactions are committed. Events that it has
   * not read yet stay unread.
   *
   * @param directory where the savepoint goes
   * @throws JobExecutionException if the job fails meanwhile
   */
  public void stop(JobID job, Path directory) throws Exception {
    cluster
        .stopWithSavepoint(job, directory.toUri().toString(), false, SavepointFormatType.CANONICAL)
        .get();
    await(job);
  }

  /** Stops everything; jobs that still run are ended. */
  @Override
  public void close() {
    cluster.closeAsync().join();
    temporary.forEach(folder -> FileUtils.deleteDirectoryQuietly(folder.toFile()));
  }
}
