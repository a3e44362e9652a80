package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A real broker and a Flink cluster in this process, and a temporary folder: jobs run here one
 * after the other, each with a score topic of its own.
 */
final class JobStand implements AutoCloseable {
  private static final String DEAD_LETTERS = "dead";

  /** Flink names a task's thread after its operators. */
  private static final String TASKS = "Source: events";

  final EmbeddedKafka kafka;
  final Path folder;
  private final int partitions;
  private final Admin admin;
  private final LocalCluster cluster;

  /** A job's events in and records out. */
  @FunctionalInterface
  interface Definition {
    void define(StreamExecutionEnvironment env, JobConfig config) throws Exception;
  }

  /** A job that runs. */
  final class Running implements AutoCloseable {
    private final JobConfig config;
    private final JobID id;

    private Running(JobConfig config, JobID id) {
      this.config = config;
      this.id = id;
    }

    /** Records in the output topic, committed or not; a transaction's marker counts as one. */
    long written() throws Exception {
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      for (int p = 0; p < partitions; p++) {
        ends.put(new TopicPartition(config.scores().topic(), p), OffsetSpec.latest());
      }
      return admin.listOffsets(ends).all().get().values().stream()
          .mapToLong(end -> end.offset())
          .sum();
    }

    /** Processor time that the job's tasks have taken so far. */
    long taskNanos() {
      ThreadMXBean threads = ManagementFactory.getThreadMXBean();
      return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
          .filter(thread -> thread != null && thread.getThreadName().startsWith(TASKS))
          .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
          .sum();
    }

    void awaitWritten(long count) throws Exception {
      while (written() < count) {
        cluster.accumulators(id); // fails if the job is gone
        Thread.sleep(10);
      }
    }

    void awaitRunning() throws Exception {
      cluster.awaitRunning(id);
    }

    /** Ends the job so that all of its transactions are committed. */
    void stop() throws Exception {
      cluster.stop(id, folder.resolve("savepoints"));
    }

    @Override
    public void close() throws Exception {
      cluster.cancel(id);
    }
  }

  /**
   * @param partitions of each topic
   * @param slots of the cluster
   */
  JobStand(int partitions, int slots) throws Exception {
    this.partitions = partitions;
    folder = Files.createTempDirectory("flink-deepfm-bench-").toRealPath();
    kafka = EmbeddedKafka.start(folder.resolve("kafka"));
    admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    kafka.createTopic(DEAD_LETTERS, partitions, Map.of());
    cluster = LocalCluster.start(new Configuration(), slots);
  }

  /** Returns once the broker answers for it. */
  void createTopic(String name) throws Exception {
    kafka.createTopic(name, partitions, Map.of());
    while (!isKnown(name)) {
      Thread.sleep(10);
    }
  }

  private boolean isKnown(String topic) throws Exception {
    try {
      admin.describeTopics(List.of(topic)).allTopicNames().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      throw e;
    }
  }

  void deleteTopic(String name) throws Exception {
    admin.deleteTopics(List.of(name)).all().get();
  }

  /**
   * The configuration of a job that reads {@code events} from their start, exactly-once.
   *
   * @param name of the job and of its score topic
   * @param model a version's directory, below its root
   * @param more further lines of job.yaml
   */
  JobConfig config(
      String name, String events, int parallelism, String checkpoints, Path model, String more) {
    String yaml =
        """
        job: %s
        kafka: {bootstrap.servers: "%s"}
        events: {topic: %s, group: %s, start: earliest}
        scores: {topic: %s, delivery: exactly_once}
        dead_letters: {topic: %s}
        model: {root: "%s", pin: "%s"}
        flink:
          parallelism: %d
          checkpoint_interval: %s
          execution.checkpointing.dir: "%s"
        %s
        """
            .formatted(
                name,
                kafka.bootstrapServers(),
                events,
                name,
                name,
                DEAD_LETTERS,
                model.getParent(),
                model.getFileName(),
                parallelism,
                checkpoints,
                folder.resolve("checkpoints").toUri(),
                more);
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml);
  }

  /** Makes the job's score topic and starts it. */
  Running start(JobConfig config, Definition job) throws Exception {
    createTopic(config.scores().topic());
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.getExecutionEnvironment(FlinkOptions.of(config));
    env.setParallelism(config.flink().parallelism());
    job.define(env, config);
    return new Running(config, cluster.submit(env.getStreamGraph()));
  }

  @Override
  public void close() throws IOException {
    cluster.close();
    admin.close();
    kafka.close();
    delete(folder);
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
