package io.github.flinkdeepfm.pipeline.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A real Prometheus with the deployment's configuration, but for its target and its pace. */
final class PrometheusServer implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final int port;

  /**
   * @param target port of the reporter on this machine
   */
  PrometheusServer(Path folder, int target) throws IOException {
    ObjectNode config = (ObjectNode) DeployFiles.yaml("observability/prometheus.yaml");
    ((ObjectNode) config.path("global"))
        .put("scrape_interval", "1s")
        .put("evaluation_interval", "1s");
    ((ArrayNode) config.path("rule_files"))
        .removeAll()
        .add(DeployFiles.DEPLOY.resolve("observability/alerts.yaml").toString());
    ObjectNode job = (ObjectNode) config.at("/scrape_configs/0");
    job.remove("dns_sd_configs");
    job.putArray("static_configs").addObject().putArray("targets").add("127.0.0.1:" + target);
    Path file = folder.resolve("prometheus.yml");
    DeployFiles.YAML.writeValue(file.toFile(), config);
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("tsdb"),
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
  }

  /** Series of an instant query, once the server answers. */
  JsonNode query(String expression) throws IOException, InterruptedException {
    JsonNode answer =
        get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    if (!answer.path("status").asText().equals("success")) {
      throw new AssertionError(expression + ": " + answer);
    }
    return answer.at("/data/result");
  }

  /** The page that draws an expression over the last minutes. */
  URI graph(String expression, String range) {
    return URI.create(
        "http://127.0.0.1:%d/graph?g0.tab=0&g0.range_input=%s&g0.expr=%s"
            .formatted(port, range, URLEncoder.encode(expression, StandardCharsets.UTF_8)));
  }

  /** Rules with their health, as the server evaluates them. */
  JsonNode rules() throws IOException, InterruptedException {
    return get("/api/v1/rules").at("/data/groups");
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    for (int i = 0; ; i++) {
      try {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 503 || i == 300) {
          return DeployFiles.JSON.readTree(response.body());
        }
      } catch (ConnectException e) {
        if (i == 300 || !process.isAlive()) {
          throw e;
        }
      }
      Thread.sleep(100);
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
