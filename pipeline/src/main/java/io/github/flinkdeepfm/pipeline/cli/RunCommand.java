package io.github.flinkdeepfm.pipeline.cli;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.KafkaAccess;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import io.github.flinkdeepfm.pipeline.topics.TopicLook;
import io.github.flinkdeepfm.pipeline.topics.TopicNeeds;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code run}: the streaming job, in this JVM or submitted by {@code flink run}. */
@Command(
    name = "run",
    description = {
      "Scores the events of a Kafka topic until it is stopped.",
      "Under 'flink run' the job is submitted to that cluster; otherwise Flink runs in this JVM,"
          + " with its REST API and web interface on the loopback interface (flink: {rest.port: N})."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
final class RunCommand implements Callable<Integer>, HidesSecrets {
  @Option(names = "--config", required = true, paramLabel = "FILE", description = "job.yaml")
  Path configFile;

  @Option(
      names = "--from-savepoint",
      paramLabel = "PATH",
      description = "Start with the state of this savepoint or retained checkpoint.")
  Optional<String> savepoint = Optional.empty();

  @Option(
      names = "--model-version",
      paramLabel = "V",
      description =
          "Start with this version of model.root instead of the savepoint's, the newest or the"
              + " pinned one; from there on the job follows the root (model.pin: V stays).")
  Optional<String> modelVersion = Optional.empty();

  @Option(
      names = "--allow-new-topic",
      description =
          "Read events.topic from events.start on though the state that the job starts with has"
              + " offsets of another topic; those are dropped. Without such a state: no effect.")
  boolean newTopicAllowed;

  @Spec CommandSpec spec;

  private final JobConfigReader reader = new JobConfigReader(System.getenv());

  @Override
  public Integer call() throws Exception {
    JobConfig config = reader.read(configFile);
    ModelLocation model = ModelLocator.locate(config.model(), modelVersion);
    Configuration options = FlinkOptions.of(config);
    savepoint.ifPresent(path -> options.set(StateRecoveryOptions.SAVEPOINT_PATH, path));
    StreamExecutionEnvironment env = environment(options);
    env.setParallelism(config.flink().parallelism());
    ScoringJob.define(env, config, ScoringJob.settings(config, model), newTopicAllowed);
    LoggerFactory.getLogger(RunCommand.class)
        .info("Model {}, configuration {}", model, hide(config.toString()));

    if (env instanceof LocalStreamEnvironment) {
      runHere(env, config, options);
    } else {
      TopicLook.at(TopicNeeds.of(config)).check();
      JobClient client = env.executeAsync(config.job());
      out().printf("job %s %s submitted%n", config.job(), client.getJobID());
    }
    return 0;
  }

  @Override
  public String hide(String text) {
    return reader.hide(text);
  }

  private StreamExecutionEnvironment environment(Configuration options) {
    try {
      return StreamExecutionEnvironment.getExecutionEnvironment(options);
    } catch (IllegalArgumentException e) { // a value that a Flink option does not take
      throw new InvalidConfigurationException(
          configFile.toString(), List.of("flink: " + e.getMessage()));
    }
  }

  private void runHere(StreamExecutionEnvironment env, JobConfig config, Configuration options)
      throws Exception {
    KafkaAccess.check(config);
    TopicLook.at(TopicNeeds.of(config)).check();
    try (LocalCluster cluster = LocalCluster.start(options, config.flink().parallelism())) {
      JobID job = cluster.submit(env.getStreamGraph());
      Thread interrupt = new Thread(() -> cancel(cluster, job), "cancel");
      Runtime.getRuntime().addShutdownHook(interrupt);
      try {
        out().printf("job %s %s running, REST at %s%n", config.job(), job, cluster.restAddress());
        out().flush();
        boolean cancelled = cluster.await(job).isEmpty();
        out().printf("job %s %s %s%n", config.job(), job, cancelled ? "cancelled" : "finished");
        out().flush();
      } finally {
        removeHook(interrupt);
      }
    }
  }

  private static void cancel(LocalCluster cluster, JobID job) {
    try (cluster) {
      cluster.cancel(job);
    } catch (Exception e) {
      LoggerFactory.getLogger(RunCommand.class).warn("The job could not be cancelled", e);
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM ends already, and the hook is what ended the job.
    }
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
