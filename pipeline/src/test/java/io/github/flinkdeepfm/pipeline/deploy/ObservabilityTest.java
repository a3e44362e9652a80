package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Dashboard and alerts, held against the code's constants and Prometheus's own tool. */
class ObservabilityTest {

  @Test
  void everyMetricIsAConstantOfTheCodeOrAListedOneOfFlink() throws Exception {
    Set<String> known = new HashSet<>(MetricReferences.ofTheCode());
    known.addAll(MetricReferences.FLINK);
    known.addAll(MetricReferences.KUBELET);
    for (Map.Entry<String, String> expression : MetricReferences.expressions().entrySet()) {
      Set<String> named = MetricReferences.of(expression.getValue());
      assertThat(named).as(expression.getKey()).isNotEmpty();
      assertThat(known).as(expression.getKey()).containsAll(named);
    }
  }

  @Test
  void theListOfFlinksMetricsHasNoOtherThanTheUsed() throws Exception {
    Set<String> used = new TreeSet<>();
    MetricReferences.expressions().values().forEach(e -> used.addAll(MetricReferences.of(e)));
    assertThat(used).containsAll(MetricReferences.FLINK).containsAll(MetricReferences.KUBELET);
  }

  /** activeVersion is text, which Prometheus does not take; its label is shown. */
  @Test
  void theDashboardShowsEveryMetricOfTheCodeButText() throws Exception {
    Set<String> shown = new TreeSet<>();
    MetricReferences.expressions().values().forEach(e -> shown.addAll(MetricReferences.of(e)));
    List<String> missing = new ArrayList<>();
    for (String constant : MetricReferences.constants()) {
      if (shown.stream().noneMatch(name -> name.endsWith("_" + constant))) {
        missing.add(constant);
      }
    }
    assertThat(missing).containsExactly(MetricNames.ACTIVE_VERSION);
  }

  @Test
  void everyAlertHasItsSectionInTheGuideAndATest() throws Exception {
    String guide = DeployFiles.text("README.md");
    String tests = DeployFiles.text("observability/alerts_test.yaml");
    List<String> alerts = new ArrayList<>();
    for (JsonNode group : DeployFiles.yaml("observability/alerts.yaml").path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        alerts.add(rule.path("alert").asText());
      }
    }
    assertThat(alerts).hasSizeGreaterThan(10).doesNotHaveDuplicates();
    for (String alert : alerts) {
      assertThat(guide).contains("| `" + alert + "` |");
      assertThat(tests).contains("alertname: " + alert);
    }
  }

  @Test
  void promtoolTakesRulesAndConfigurationAndTheRulesPassTheirTests() throws Exception {
    DeployFiles.assumeTool("promtool", "--version");
    DeployFiles.Outcome config =
        DeployFiles.run("promtool", "check", "config", "observability/prometheus.yaml");
    assertThat(config.code()).as(config.output()).isZero();
    DeployFiles.Outcome rules =
        DeployFiles.run("promtool", "test", "rules", "observability/alerts_test.yaml");
    assertThat(rules.code()).as(rules.output()).isZero();
    assertThat(rules.output()).contains("SUCCESS");
  }
}
