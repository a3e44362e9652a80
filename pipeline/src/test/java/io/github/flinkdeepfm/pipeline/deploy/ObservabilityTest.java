package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Dashboard and alerts, held against the code's constants and Prometheus's own tool. */
class ObservabilityTest {
  /** A reason that a selector of dead letters or refusals names. */
  private static final Pattern REASON =
      Pattern.compile(
          "_reason_(%s|%s)\\{[^}]*\\breason!?=\"(\\w+)\""
              .formatted(MetricNames.DEAD_LETTERS, MetricNames.REFUSALS));

  private static final Map<String, List<? extends Enum<?>>> REASONS =
      Map.of(
          MetricNames.DEAD_LETTERS, List.of(DeadLetterReason.values()),
          MetricNames.REFUSALS, List.of(RefusalReason.values()));

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

  /** In expressions, and in the series that the rules are tested with. */
  @Test
  void everyReasonIsOneOfItsEnum() throws Exception {
    List<String> texts = new ArrayList<>(MetricReferences.expressions().values());
    texts.addAll(DeployFiles.yaml("observability/alerts_test.yaml").findValuesAsText("series"));
    List<String> found = new ArrayList<>();
    for (String text : texts) {
      Matcher selector = REASON.matcher(text);
      while (selector.find()) {
        String reason = selector.group(2);
        assertThat(REASONS.get(selector.group(1))).extracting(Enum::name).contains(reason);
        found.add(selector.group(1) + " " + reason);
      }
    }
    assertThat(found)
        .contains(
            MetricNames.DEAD_LETTERS + " LOGIT_NOT_FINITE", MetricNames.REFUSALS + " STORAGE");
  }

  /** Its series come and go with the refreshes, and an alert with them, before its time is up. */
  @Test
  void noAlertHangsOnTheVersionsLabel() throws Exception {
    List<String> rules = DeployFiles.yaml("observability/alerts.yaml").findValuesAsText("expr");
    assertThat(rules).hasSizeGreaterThan(10);
    assertThat(rules).noneMatch(rule -> rule.contains(MetricNames.VERSION));
  }

  @Test
  void everyAlertHasItsSectionInTheGuideAndATestInWhichItFires() throws Exception {
    String guide = DeployFiles.text("README.md");
    Set<String> fire = new HashSet<>();
    for (JsonNode test : DeployFiles.yaml("observability/alerts_test.yaml").path("tests")) {
      for (JsonNode rule : test.path("alert_rule_test")) {
        if (!rule.path("exp_alerts").isEmpty()) {
          fire.add(rule.path("alertname").asText());
        }
      }
    }
    List<String> alerts = new ArrayList<>();
    for (JsonNode group : DeployFiles.yaml("observability/alerts.yaml").path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        alerts.add(rule.path("alert").asText());
      }
    }
    assertThat(alerts).hasSizeGreaterThan(10).doesNotHaveDuplicates();
    for (String alert : alerts) {
      assertThat(guide).contains("| `" + alert + "` |");
      assertThat(fire).contains(alert);
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
