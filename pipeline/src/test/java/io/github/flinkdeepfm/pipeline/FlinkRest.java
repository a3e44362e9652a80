package io.github.flinkdeepfm.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** Flink's REST API as its users have it. */
public final class FlinkRest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final URI address;

  public FlinkRest(URI address) {
    this.address = address;
  }

  /** The answer to a GET; any status but 2xx is an assertion error. */
  public JsonNode get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(address.resolve(path)));
  }

  /** Cancels a job; returns at once. */
  public void cancel(String job) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(address.resolve("/jobs/" + job))
            .method("PATCH", HttpRequest.BodyPublishers.noBody()));
  }

  /** Stops a job and returns where its savepoint is. */
  public String stopWithSavepoint(String job, Path directory)
      throws IOException, InterruptedException {
    return savepoint(job, "stop", "{\"targetDirectory\":\"%s\"}".formatted(directory.toUri()));
  }

  /** Cancels a job as soon as a savepoint is complete and returns where that is. */
  public String cancelWithSavepoint(String job, Path directory)
      throws IOException, InterruptedException {
    return savepoint(
        job,
        "savepoints",
        "{\"target-directory\":\"%s\",\"cancel-job\":true}".formatted(directory.toUri()));
  }

  private String savepoint(String job, String how, String body)
      throws IOException, InterruptedException {
    JsonNode request =
        send(
            HttpRequest.newBuilder(address.resolve("/jobs/" + job + "/" + how))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    String status = "/jobs/" + job + "/savepoints/" + request.get("request-id").textValue();
    while (true) {
      JsonNode answer = get(status);
      if (answer.at("/status/id").textValue().equals("COMPLETED")) {
        assertThat(answer.at("/operation/location").isTextual()).as(() -> brief(answer)).isTrue();
        return answer.at("/operation/location").textValue();
      }
      Thread.sleep(20);
    }
  }

  /** Flink's answer about a failure is the stack trace, several times. */
  private static String brief(JsonNode answer) {
    String text = answer.toString();
    return text.substring(0, Math.min(500, text.length()));
  }

  private JsonNode send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            request.timeout(PATIENCE).build(),
            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
    return response.body().isEmpty() ? JSON.missingNode() : JSON.readTree(response.body());
  }
}
