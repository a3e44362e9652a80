package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.pipeline.replay.report.Chromium;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * With {@code -Dscreenshots=write}: what Prometheus draws of the dashboard's expressions, from a
 * job that scores and refreshes for some minutes, as PNG files in {@code
 * observability/screenshots}.
 */
@Timeout(400)
@EnabledIfSystemProperty(named = "screenshots", matches = "write")
class ScreenshotsIT {
  private static final Map<String, String> PANELS =
      Map.of(
          "Throughput", "throughput.png",
          "Active version", "active-version.png",
          "Switch pause", "switch-pause.png");
  private static final String EVENT =
      "{\"event_id\":\"%1$d\",\"metrics\":{\"x0\":1,\"x1\":%1$d},\"ids\":{\"c0\":[1]}}";
  private static final int MINUTES = 3;
  private static final int VERSION_EVERY_SECONDS = 35;
  private static final int HEIGHT = 860;

  @TempDir Path folder;

  @Test
  void drawsPanelsOfTheDashboard() throws Exception {
    Path screenshots = DeployFiles.DEPLOY.resolve("observability/screenshots");
    Files.createDirectories(screenshots);
    Chromium browser = Chromium.find(folder).orElseThrow();
    try (ScrapedJob job =
            new ScrapedJob(folder, DeployFiles.flinkConfiguration("docker/config.yaml"));
        PrometheusServer prometheus = new PrometheusServer(folder, job.port())) {
      load(job);
      for (JsonNode panel : DeployFiles.json("observability/dashboard.json").path("panels")) {
        String png = PANELS.get(panel.path("title").asText());
        if (png != null) {
          String expression =
              panel
                  .at("/targets/0/expr")
                  .asText()
                  .replace("$job", "ctr")
                  .replace("$__rate_interval", "15s");
          assertThat(prometheus.query(expression)).as(expression).isNotEmpty();
          browser.screenshot(
              prometheus.graph(expression, MINUTES + "m"), screenshots.resolve(png), HEIGHT);
        }
      }
    }
    for (String png : PANELS.values()) {
      assertThat(screenshots.resolve(png)).isNotEmptyFile();
    }
  }

  /** Waves of events, and a new version now and then. */
  private static void load(ScrapedJob job) throws Exception {
    long start = System.nanoTime();
    int sent = 0;
    int version = 1;
    double seconds;
    while ((seconds = (System.nanoTime() - start) / 1e9) < 60 * MINUTES) {
      if (seconds > version * VERSION_EVERY_SECONDS) {
        job.publish("v" + ++version);
      }
      int count = 100 + (int) (80 * Math.sin(seconds / 9));
      job.send(
          IntStream.range(sent, sent + count).mapToObj(EVENT::formatted).toArray(String[]::new));
      sent += count;
      Thread.sleep(100);
    }
  }
}
