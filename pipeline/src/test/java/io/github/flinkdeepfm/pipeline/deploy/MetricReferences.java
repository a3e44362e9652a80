package io.github.flinkdeepfm.pipeline.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics that dashboard and alerts name, and those that there are. Flink's Prometheus reporter
 * joins scope and name with {@code _}; of a group with a value only the key is part of the name,
 * the value is a label.
 */
final class MetricReferences {
  static final String OPERATOR = "flink_taskmanager_job_task_operator_";
  static final String COORDINATOR = "flink_jobmanager_job_operator_coordinator_";

  /** Flink's own, and its Kafka connector's, as the reporter spells them. */
  static final Set<String> FLINK =
      Set.of(
          "flink_jobmanager_job_uptime",
          "flink_jobmanager_job_numRestarts",
          "flink_jobmanager_job_lastCheckpointDuration",
          "flink_jobmanager_job_numberOfCompletedCheckpoints",
          "flink_jobmanager_job_numberOfFailedCheckpoints",
          "flink_taskmanager_job_task_busyTimeMsPerSecond",
          OPERATOR + "pendingRecords",
          OPERATOR + "failedCommittables",
          OPERATOR + "KafkaSourceReader_commitsFailed",
          "flink_taskmanager_Status_JVM_GarbageCollector_All_TimeMsPerSecond",
          "flink_taskmanager_Status_JVM_Memory_Heap_Used",
          "flink_taskmanager_Status_JVM_Memory_Heap_Max",
          "flink_taskmanager_Status_JVM_Memory_NonHeap_Used",
          "flink_taskmanager_Status_JVM_Memory_Direct_MemoryUsed",
          "flink_taskmanager_Status_JVM_Memory_Mapped_MemoryUsed");

  /** The kubelet's (cAdvisor): not to be had without Kubernetes. */
  static final Set<String> KUBELET =
      Set.of(
          "container_memory_rss",
          "container_memory_working_set_bytes",
          "container_spec_memory_limit_bytes");

  /** Of groups with a value only the key is part of the name. */
  private static final List<String> GROUPS =
      List.of(
          "",
          "user_",
          MetricNames.REASON + "_",
          MetricNames.MODEL + "_" + MetricNames.VERSION + "_",
          MetricNames.INPUT + "_" + MetricNames.FEATURE + "_");

  private static final Pattern METRIC = Pattern.compile("\\b(?:flink|container)_\\w+");

  private MetricReferences() {}

  /** Expressions by where they stand. */
  static Map<String, String> expressions() throws IOException {
    Map<String, String> expressions = new LinkedHashMap<>();
    JsonNode dashboard = DeployFiles.json("observability/dashboard.json");
    for (JsonNode panel : dashboard.path("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.put(
            "panel '" + panel.path("title").asText() + "' " + target.path("refId").asText(),
            target.path("expr").asText());
      }
    }
    for (JsonNode annotation : dashboard.at("/annotations/list")) {
      expressions.put("annotation", annotation.path("expr").asText());
    }
    for (JsonNode variable : dashboard.at("/templating/list")) {
      if (variable.at("/query/query").isTextual()) {
        expressions.put("variable " + variable.path("name"), variable.at("/query/query").asText());
      }
    }
    for (JsonNode group : DeployFiles.yaml("observability/alerts.yaml").path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        expressions.put("alert " + rule.path("alert").asText(), rule.path("expr").asText());
      }
    }
    return expressions;
  }

  /** The metrics that an expression names. */
  static Set<String> of(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher metric = METRIC.matcher(expression.replaceAll("\"[^\"]*\"", ""));
    while (metric.find()) {
      names.add(metric.group());
    }
    return names;
  }

  /** Every name that a constant of {@link MetricNames} can have in Prometheus. */
  static Set<String> ofTheCode() throws IllegalAccessException {
    Set<String> names = new TreeSet<>();
    for (String name : constants()) {
      for (String scope : List.of(OPERATOR, COORDINATOR)) {
        for (String group : GROUPS) {
          names.add(scope + group + name);
        }
      }
    }
    return names;
  }

  static List<String> constants() throws IllegalAccessException {
    List<String> constants = new ArrayList<>();
    for (Field field : MetricNames.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        String value = (String) field.get(null);
        constants.add(value);
      }
    }
    constants.removeAll(
        List.of(
            MetricNames.REASON,
            MetricNames.MODEL,
            MetricNames.VERSION,
            MetricNames.INPUT,
            MetricNames.FEATURE));
    return constants;
  }
}
