package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.pipeline.FlinkRest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What dashboard and alerts name is in the scrape of a job that runs, refreshes and refuses. */
@Timeout(180)
class MetricsScrapeIT {
  private static final String GOOD =
      "{\"event_id\":\"%d\",\"event_time\":%d,\"metrics\":{\"x0\":1,\"x1\":%d},\"ids\":{\"c0\":[1]}}";

  @TempDir static Path folder;
  private static ScrapedJob job;
  private static String scrape;

  @BeforeAll
  static void start() throws Exception {
    job = new ScrapedJob(folder, DeployFiles.flinkConfiguration("docker/config.yaml"));
    long now = System.currentTimeMillis();
    for (int i = 0; i < 48; i++) {
      job.send(GOOD.formatted(i, now, i));
    }
    job.send(GOOD.formatted(48, now / 1000, 48)); // seconds
    job.send(GOOD.formatted(49, 2 * now, 49)); // more than the brokers' hour ahead
    job.send("no JSON");
    job.publish("v2");
    scrape =
        job.scrape(
            "the second version active, scores and a dead letter",
            text ->
                value(text, MetricReferences.COORDINATOR + MetricNames.REFRESHES) == 1
                    && value(text, MetricReferences.OPERATOR + MetricNames.SCORES) == 50
                    && text.contains("version=\"v2\"")
                    && text.contains("numberOfCompletedCheckpoints"));
  }

  @AfterAll
  static void stop() {
    if (job != null) {
      job.close();
    }
  }

  /** Of the first series of a metric; -1 if there is none. */
  private static double value(String scrape, String metric) {
    return Pattern.compile("^" + metric + "\\{[^\n]*} (\\S+)$", Pattern.MULTILINE)
        .matcher(scrape)
        .results()
        .mapToDouble(m -> Double.parseDouble(m.group(1)))
        .findFirst()
        .orElse(-1);
  }

  private static Set<String> names() {
    Set<String> names = new TreeSet<>();
    Pattern.compile("^(\\w+)\\{", Pattern.MULTILINE)
        .matcher(scrape)
        .results()
        .forEach(m -> names.add(m.group(1)));
    return names;
  }

  @Test
  void everyMetricOfDashboardAndAlertsIsScraped() throws Exception {
    Set<String> scraped = names();
    for (Map.Entry<String, String> expression : MetricReferences.expressions().entrySet()) {
      Set<String> named = MetricReferences.of(expression.getValue());
      named.removeAll(MetricReferences.KUBELET);
      assertThat(scraped).as(expression.getKey()).containsAll(named);
    }
  }

  @Test
  void everyReasonIsALabel() {
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      assertThat(series("reason_" + MetricNames.DEAD_LETTERS))
          .anyMatch(line -> line.contains("reason=\"" + reason + "\""));
    }
    for (RefusalReason reason : RefusalReason.values()) {
      assertThat(series("reason_" + MetricNames.REFUSALS))
          .anyMatch(line -> line.contains("reason=\"" + reason + "\""));
    }
    assertThat(series("reason_" + MetricNames.DEAD_LETTERS))
        .filteredOn(line -> line.endsWith(" 1.0"))
        .singleElement()
        .asString()
        .contains("reason=\"NOT_JSON\"", "job_name=\"ctr\"", "operator_name=\"score\"");
  }

  @Test
  void aTimeInSecondsAndOneFarAheadAreCounted() {
    assertThat(value(scrape, MetricReferences.OPERATOR + MetricNames.EARLY_TIMES)).isEqualTo(1);
    assertThat(series("user_" + MetricNames.TIMESTAMPS_REPLACED))
        .hasSize(2)
        .filteredOn(line -> line.endsWith(" 1.0"))
        .singleElement()
        .asString()
        .contains("operator_name=\"scores");
  }

  private static List<String> series(String suffix) {
    return scrape.lines().filter(l -> l.matches("\\w+_" + suffix + "\\{.*")).toList();
  }

  @Test
  void theActiveVersionIsALabelAndNoEarlierOneIsLeft() {
    assertThat(series(MetricNames.MODEL + "_version_" + MetricNames.ACTIVE))
        .singleElement()
        .asString()
        .contains("version=\"v2\"", "job_name=\"ctr\"", "operator_name=\"micro-batch\"")
        .endsWith(" 1.0");
  }

  /** As text it is there only: Prometheus takes none. */
  @Test
  void theActiveVersionIsReadFromTheRestApiAsTheGuideSays() throws Exception {
    assertThat(series(MetricNames.ACTIVE_VERSION)).allMatch(line -> line.endsWith(" 0.0"));
    FlinkRest rest = new FlinkRest(job.restAddress());
    String vertex = rest.get("/jobs/" + job.id()).at("/vertices/0/id").textValue();
    String metric =
        "/jobs/%s/vertices/%s/metrics?get=0.micro-batch.%s"
            .formatted(job.id(), vertex, MetricNames.ACTIVE_VERSION);
    // The first question makes Flink fetch what it answers with later.
    JsonNode values = rest.get(metric);
    for (int i = 0; i < 300 && values.isEmpty(); i++) {
      Thread.sleep(100);
      values = rest.get(metric);
    }
    assertThat(values.at("/0/value").asText()).isEqualTo("v2");
  }

  /** A real Prometheus with the deployment's rules evaluates every expression to something. */
  @Test
  void prometheusEvaluatesDashboardAndAlerts() throws Exception {
    DeployFiles.assumeTool("prometheus", "--version");
    try (PrometheusServer prometheus = new PrometheusServer(folder, job.port())) {
      await(prometheus, "count_over_time(flink_jobmanager_job_uptime[1m]) > 4");
      List<String> empty = new ArrayList<>();
      for (Map.Entry<String, String> expression : MetricReferences.expressions().entrySet()) {
        String where = expression.getKey();
        if (where.startsWith("variable")) {
          continue; // label_values is Grafana's
        }
        String query =
            expression.getValue().replace("$job", "ctr").replace("$__rate_interval", "1m");
        boolean filters = where.startsWith("a") || query.endsWith("> 0");
        boolean kubelet = MetricReferences.KUBELET.containsAll(MetricReferences.of(query));
        if (prometheus.query(query).isEmpty() && !filters && !kubelet) {
          empty.add(where + ": " + query);
        }
      }
      assertThat(empty).isEmpty();
      for (JsonNode group : prometheus.rules()) {
        for (JsonNode rule : group.path("rules")) {
          assertThat(rule.path("health").asText()).as("%s", rule).isIn("ok", "unknown");
        }
      }
    }
  }

  private static void await(PrometheusServer prometheus, String expression) throws Exception {
    for (int i = 0; i < 300; i++) {
      if (!prometheus.query(expression).isEmpty()) {
        return;
      }
      Thread.sleep(200);
    }
    throw new AssertionError("expected within 60 s: " + expression);
  }
}
