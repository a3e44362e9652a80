package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;

/** One scoring job on the cluster, over all its submissions. */
final class JobControl {
  private static final Pattern SUBMITTED = Pattern.compile("job \\S+ (\\w{32}) submitted");
  private static final int METRIC_READINGS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final ClusterProcesses cluster;
  private final String name;
  private String yaml;
  private Path jar = ClusterProcesses.JOB_JAR;
  private volatile String id;
  private int parallelism;
  private Optional<String> restoredFrom = Optional.empty();

  /**
   * @param yaml job.yaml without its parallelism, which stands there as {@code %d}
   */
  JobControl(ClusterProcesses cluster, String name, String yaml) {
    this.cluster = cluster;
    this.name = name;
    this.yaml = yaml;
  }

  /** Submits it, again until that succeeds; returns when all its tasks run. */
  synchronized void submit(int subtasks, Optional<String> from) throws Exception {
    parallelism = subtasks;
    restoredFrom = from;
    List<String> arguments = arguments(yaml.formatted(subtasks), from);
    Await.until(
        "a submitted job",
        PATIENCE,
        () -> {
          String output = cluster.submit(jar, arguments);
          Matcher submitted = SUBMITTED.matcher(output);
          assertThat(submitted.find()).as(output).isTrue();
          id = submitted.group(1);
          return true;
        });
  }

  /** Submits it where that is refused, and returns what the client says. */
  synchronized String submitRefused() throws Exception {
    String output = cluster.submit(jar, arguments(yaml.formatted(1), Optional.empty()));
    assertThat(SUBMITTED.matcher(output).find()).as(output).isFalse();
    return output;
  }

  /** From the next submission on, which is not the first, its start is another. */
  synchronized void startAtLatest() {
    yaml = yaml.replace("start: earliest", "start: latest");
  }

  /**
   * Submits it with the topic of its dead letters as that of its events; returns what that job
   * fails with.
   */
  synchronized String submitOtherTopic(String from) throws Exception {
    String other =
        yaml.formatted(parallelism)
            .replace("{topic: dead-", "{topic: none-")
            .replace("{topic: events-", "{topic: dead-");
    String output = cluster.submit(jar, arguments(other, Optional.of(from)));
    Matcher submitted = SUBMITTED.matcher(output);
    assertThat(submitted.find()).as(output).isTrue();
    String path = "/jobs/" + submitted.group(1);
    Await.until(
        "the job of another topic failed",
        PATIENCE,
        () -> cluster.rest().get(path).get("state").asText().equals("FAILED"));
    return cluster.rest().get(path + "/exceptions").toString();
  }

  private List<String> arguments(String text, Optional<String> from) throws IOException {
    Path config = cluster.folder().resolve("conf").resolve(name + ".yaml");
    Files.writeString(config, text);
    List<String> arguments = new ArrayList<>(List.of("--config", config.toString()));
    from.ifPresent(path -> arguments.addAll(List.of("--from-savepoint", path)));
    return arguments;
  }

  /** What is submitted from now on. */
  synchronized void useJar(Path other) {
    jar = other;
  }

  synchronized int parallelism() {
    return parallelism;
  }

  void awaitRunning() throws Exception {
    Await.until(
        "job " + name + " running",
        PATIENCE,
        () -> {
          JsonNode job = cluster.rest().get("/jobs/" + id);
          return job.get("state").asText().equals("RUNNING")
              && job.at("/status-counts/RUNNING").asInt() == 1
              && tasks().stream().allMatch(t -> t.get("status").asText().equals("RUNNING"));
        });
  }

  /** Waits until it has failed for good, and returns why. */
  String awaitFailed() throws Exception {
    Await.until(
        "job " + name + " failed",
        PATIENCE,
        () -> cluster.rest().get("/jobs/" + id).get("state").asText().equals("FAILED"));
    return cluster.rest().get("/jobs/" + id + "/exceptions").toString();
  }

  /** On the JobManager that is there now, from the last checkpoint of the one that is gone. */
  synchronized void resumeFromCheckpoint() throws Exception {
    submit(parallelism, latestCheckpoint());
  }

  /** Returns the savepoint; what was scored before it is committed. */
  synchronized String stopWithSavepoint() throws Exception {
    return savepoint(cluster.rest()::stopWithSavepoint);
  }

  /** Returns the savepoint; what was scored before it may be committed by the next submission. */
  synchronized String cancelWithSavepoint() throws Exception {
    String savepoint = savepoint(cluster.rest()::cancelWithSavepoint);
    awaitCancelled();
    return savepoint;
  }

  private interface Savepoint {
    String take(String job, Path directory) throws Exception;
  }

  /**
   * Asks again when Flink declines: it gives up a checkpoint that is under way for a savepoint, and
   * a job whose version was to switch at that one starts anew.
   */
  private String savepoint(Savepoint how) throws InterruptedException {
    AtomicReference<String> savepoint = new AtomicReference<>();
    Await.until(
        "a savepoint of job " + name,
        PATIENCE,
        () -> {
          savepoint.set(how.take(id, cluster.folder().resolve("savepoints")));
          return true;
        });
    return savepoint.get();
  }

  synchronized void cancel() throws Exception {
    cluster.rest().cancel(id);
    awaitCancelled();
  }

  private void awaitCancelled() throws InterruptedException {
    Await.until(
        "job " + name + " cancelled",
        PATIENCE,
        () -> cluster.rest().get("/jobs/" + id).get("state").asText().equals("CANCELED"));
  }

  /** A TaskManager that runs a subtask of it; empty while there is none. */
  Optional<String> aTaskManager() {
    try {
      return tasks().stream()
          .map(task -> task.path("taskmanager-id").asText())
          .filter(tm -> !tm.isEmpty())
          .findFirst();
    } catch (Exception | AssertionError e) {
      return Optional.empty();
    }
  }

  /**
   * Metrics of operators, read together, each summed over the subtasks. Flink fetches them when
   * they are asked for and answers with what it had: so they are asked for some seconds long.
   *
   * @param names {@code <operator>.<metric>}
   */
  Map<String, Double> metrics(List<String> names) throws Exception {
    String path = "/jobs/" + id + "/vertices/" + vertex() + "/subtasks/metrics?agg=sum&get=";
    Map<String, Double> values = new HashMap<>();
    for (int i = 0; i < METRIC_READINGS; i++) {
      JsonNode answer = cluster.rest().get(path + String.join(",", names));
      answer.forEach(m -> values.put(m.get("id").asText(), m.get("sum").asDouble()));
      Thread.sleep(500);
    }
    assertThat(values).containsOnlyKeys(names);
    return values;
  }

  /** How often Flink has started it anew since it was submitted. */
  int restarts() throws Exception {
    AtomicInteger restarts = new AtomicInteger();
    Await.until(
        "the number of restarts",
        PATIENCE,
        () -> {
          JsonNode metrics = cluster.rest().get("/jobs/" + id + "/metrics?get=numRestarts");
          restarts.set(Integer.parseInt(metrics.get(0).get("value").asText()));
          return true;
        });
    return restarts.get();
  }

  /** The job is one chain, so one vertex. */
  private String vertex() throws Exception {
    return cluster.rest().get("/jobs/" + id).at("/vertices/0/id").asText();
  }

  private List<JsonNode> tasks() throws Exception {
    List<JsonNode> tasks = new ArrayList<>();
    cluster.rest().get("/jobs/" + id + "/vertices/" + vertex()).get("subtasks").forEach(tasks::add);
    return tasks;
  }

  private Optional<String> latestCheckpoint() throws IOException {
    Path own = cluster.checkpoints().resolve(id);
    if (!Files.isDirectory(own)) {
      return restoredFrom;
    }
    try (Stream<Path> checkpoints = Files.list(own)) {
      return checkpoints
          .filter(JobControl::isComplete)
          .max(Comparator.comparingInt(JobControl::number))
          .map(directory -> FullDiskFileSystem.SCHEME + ":" + directory)
          .or(() -> restoredFrom);
    }
  }

  /** One that was being written when the JobManager was killed is none; its predecessor is. */
  private static boolean isComplete(Path checkpoint) {
    try (DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(Files.newInputStream(checkpoint.resolve("_metadata"))))) {
      Checkpoints.loadCheckpointMetadata(
          in, JobControl.class.getClassLoader(), checkpoint.toString());
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int number(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().substring("chk-".length()));
  }
}
