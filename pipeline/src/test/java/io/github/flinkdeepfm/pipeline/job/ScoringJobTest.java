package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoringJobTest {
  @ParameterizedTest
  @ValueSource(strings = {"exactly_once", "at_least_once"})
  void theWholeJobIsOneChain(String delivery) {
    JobGraph graph = environment(delivery).getStreamGraph().getJobGraph();

    assertThat(graph.getVerticesAsArray())
        .singleElement()
        .satisfies(
            vertex -> {
              assertThat(vertex.getParallelism()).isEqualTo(2);
              assertThat(vertex.getMaxParallelism()).isEqualTo(128);
              assertThat(vertex.getName()).contains("events", "scores", "dead-letters");
            });
  }

  @Test
  void everyOperatorHasAFixedUid() {
    assertThat(environment("exactly_once").getTransformations())
        .flatExtracting(Transformation::getTransitivePredecessors)
        .filteredOn(t -> !t.getName().equals("SideOutput"))
        .extracting(t -> t.getUid())
        .contains("events", "micro-batch", "score", "scores", "dead-letters")
        .doesNotContainNull();
  }

  @Test
  void ownDefaultsYieldToFlinkOptionsOfTheConfiguration() {
    Configuration defaults = FlinkOptions.of(config("exactly_once", ""));
    assertThat(defaults.toMap())
        .containsEntry("restart-strategy.type", "exponential-delay")
        .containsEntry("pipeline.generic-types", "false")
        .containsEntry("pipeline.object-reuse", "true")
        .containsEntry("pipeline.max-parallelism", "128")
        .containsEntry("execution.checkpointing.interval", "10 s")
        .containsEntry("execution.checkpointing.mode", "EXACTLY_ONCE")
        .containsEntry(
            "execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");

    assertThat(defaults.toMap()).doesNotContainKey("execution.checkpointing.timeout");
    assertThat(
            FlinkOptions.of(
                    config(
                        "exactly_once, transaction_timeout: 2min",
                        "execution.checkpointing.tolerable-failed-checkpoints: 2"))
                .toMap())
        .containsEntry("execution.checkpointing.timeout", "30 s");

    Configuration own =
        FlinkOptions.of(
            config("exactly_once", "restart-strategy.type: none, pipeline.max-parallelism: 7"));
    assertThat(own.toMap())
        .containsEntry("restart-strategy.type", "none")
        .containsEntry("pipeline.max-parallelism", "7");
  }

  @Test
  void whatAnEventMayGiveItsScoreIsBoundedByTheConfiguration() {
    JobConfig.ScoringConfig standard = JobConfig.ScoringConfig.DEFAULT;
    JobConfig.ScoringConfig bounded =
        new JobConfig.ScoringConfig(standard.event(), standard.batch(), 80 << 10, 1);
    assertThat(
            ScoringJob.settings(bounded, new ModelLocation(Optional.empty(), "/m/v1", "v1", false))
                .outputLimit())
        .isEqualTo(80 << 10);
  }

  private static StreamExecutionEnvironment environment(String delivery) {
    JobConfig config = config(delivery, "");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(2, FlinkOptions.of(config));
    ScoringJob.define(
        env,
        config,
        ScoringJob.settings(config, new ModelLocation(Optional.of("/m"), "/m/v1", "v1", false)));
    return env;
  }

  private static JobConfig config(String delivery, String flink) {
    return new JobConfigReader(Map.of())
        .parse(
            "job.yaml",
            """
            job: ctr
            kafka: {bootstrap.servers: "localhost:9092"}
            events: {topic: events, group: ctr}
            scores: {topic: scores, delivery: %s}
            dead_letters: {topic: events-dead}
            model: {root: /m}
            flink: {parallelism: 2%s}
            """
                .formatted(delivery, flink.isEmpty() ? "" : ", " + flink));
  }
}
