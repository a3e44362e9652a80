package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalResourceOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.junit.jupiter.api.Test;

/** Flink passes over a key that it does not know: so every key is looked up here. */
class FlinkKeysTest {
  private static final List<Class<?>> OPTIONS =
      List.of(
          CheckpointingOptions.class,
          CoreOptions.class,
          ExternalResourceOptions.class,
          HighAvailabilityOptions.class,
          JobManagerOptions.class,
          RestOptions.class,
          TaskManagerOptions.class,
          WebOptions.class);

  /** Of the operator and its autoscaler, release 1.13.0, whose options are in no jar here. */
  private static final Set<String> OPERATOR =
      Set.of(
          "job.autoscaler.enabled",
          "job.autoscaler.scaling.enabled",
          "job.autoscaler.metrics.window",
          "job.autoscaler.stabilization.interval",
          "job.autoscaler.utilization.target",
          "job.autoscaler.vertex.min-parallelism",
          "job.autoscaler.vertex.max-parallelism",
          "kubernetes.operator.savepoint.history.max.age",
          "kubernetes.operator.savepoint.history.max.count",
          "kubernetes.operator.savepoint.dispose-on-delete",
          "kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age",
          "kubernetes.operator.pod-template.merge-arrays-by-name",
          "kubernetes.operator.job.restart.failed",
          "kubernetes.operator.cluster.health-check.enabled");

  /** Keys with a name in them. The first three are a scrape's business. */
  private static final Set<String> NAMED =
      Set.of(
          "metrics.reporter.prom.factory.class",
          "metrics.reporter.prom.port",
          "metrics.reporter.prom.filterLabelValueCharacters",
          "external-resource.gpu.driver-factory.class",
          "external-resource.gpu.amount",
          "external-resource.gpu.kubernetes.config-key",
          "external-resource.gpu.param.discovery-script.path");

  @Test
  void everyKeyIsOneOfFlinkOrTheOperatorWithAValueThatItTakes() throws Exception {
    Map<String, ConfigOption<?>> options = new HashMap<>();
    for (Class<?> type : OPTIONS) {
      for (Field field : type.getFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == ConfigOption.class) {
          ConfigOption<?> option = (ConfigOption<?>) field.get(null);
          options.put(option.key(), option);
        }
      }
    }
    Set<String> unknown = new TreeSet<>();
    for (Map<String, String> configuration : configurations()) {
      Configuration flink = Configuration.fromMap(configuration);
      for (String key : configuration.keySet()) {
        if (options.containsKey(key)) {
          assertThat(flink.getOptional(options.get(key))).as(key).isPresent();
        } else if (!OPERATOR.contains(key) && !NAMED.contains(key)) {
          unknown.add(key);
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  private static List<Map<String, String>> configurations() throws Exception {
    List<Map<String, String>> configurations = new ArrayList<>();
    configurations.add(DeployFiles.flinkConfiguration("docker/config.yaml"));
    for (String file :
        List.of(
            "kubernetes/base/flink-deployment.yaml",
            "kubernetes/overlays/gpu/flink-deployment.yaml")) {
      Map<String, String> configuration = new HashMap<>();
      DeployFiles.yaml(file)
          .at("/spec/flinkConfiguration")
          .fields()
          .forEachRemaining(e -> configuration.put(e.getKey(), e.getValue().asText()));
      assertThat(configuration).isNotEmpty();
      configurations.add(configuration);
    }
    return configurations;
  }
}
