package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.pipeline.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kafka.server.KafkaConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The compose file and the Dockerfile, as far as they can be checked without a container engine.
 */
class ComposeTest {
  private static final Path DOCKER = DeployFiles.DEPLOY.resolve("docker");
  private static JsonNode services;

  @BeforeAll
  static void read() throws Exception {
    services = DeployFiles.yaml("docker/compose.yaml").path("services");
  }

  @Test
  void everyPortIsPublishedOnTheLoopbackInterfaceOnly() {
    List<String> ports = new ArrayList<>();
    services.forEach(service -> service.path("ports").forEach(p -> ports.add(p.asText())));
    assertThat(ports).hasSize(4).allMatch(port -> port.startsWith("127.0.0.1:"));
  }

  @Test
  void everyServiceThatStaysHasAHealthCheck() {
    List<String> without = new ArrayList<>();
    services
        .fields()
        .forEachRemaining(
            service -> {
              if (!service.getValue().has("healthcheck")) {
                without.add(service.getKey());
              }
            });
    assertThat(without).containsExactly("topics");
  }

  @Test
  void everyMountedFileIsThere() {
    List<String> files = new ArrayList<>();
    for (JsonNode service : services) {
      for (JsonNode volume : service.path("volumes")) {
        if (volume.asText().startsWith(".")) {
          files.add(volume.asText().split(":", 2)[0]);
        }
      }
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(5);
    assertThat(files).allMatch(file -> Files.isRegularFile(DOCKER.resolve(file)));
  }

  @Test
  void kafkaTakesItsConfiguration() {
    Properties properties = new Properties();
    services
        .at("/kafka/environment")
        .fields()
        .forEachRemaining(
            e -> {
              if (e.getKey().startsWith("KAFKA_") && !e.getKey().equals("KAFKA_HEAP_OPTS")) {
                String name = e.getKey().substring("KAFKA_".length());
                properties.put(
                    name.toLowerCase(Locale.ROOT).replace('_', '.'), e.getValue().asText());
              }
            });
    KafkaConfig config = KafkaConfig.fromProps(properties);
    assertThat(config.interBrokerListenerName().value()).isEqualTo("INTERNAL");
    assertThat(KafkaConfig.configDef().names()).containsAll(properties.stringPropertyNames());
  }

  /** What is copied is what the build makes and the ignore file lets through. */
  @Test
  void theDockerfileCopiesWhatTheContextHas() throws Exception {
    String dockerfile = DeployFiles.text("docker/Dockerfile");
    List<String> allowed =
        DeployFiles.text("docker/Dockerfile.dockerignore")
            .lines()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();
    List<String> copied = new ArrayList<>();
    Matcher copy =
        Pattern.compile("^COPY (?:--chown=\\S+ )?((?:deploy|pipeline)/\\S+) ", Pattern.MULTILINE)
            .matcher(dockerfile);
    while (copy.find()) {
      copied.add(copy.group(1).replaceAll("/$", ""));
    }
    assertThat(copied).containsExactlyInAnyOrderElementsOf(allowed);
    for (String file : copied) {
      boolean built = file.contains("target/");
      assertThat(built || Files.exists(DeployFiles.DEPLOY.getParent().resolve(file)))
          .as(file)
          .isTrue();
    }
    assertThat(dockerfile).doesNotContain("ADD ", "curl", "PASSWORD");
  }

  /** A stage's last USER is whom its image runs as. */
  @Test
  void everyTargetOfTheDockerfileEndsAsFlinksUser() {
    List<String> stages = List.of(DeployFiles.text("docker/Dockerfile").split("(?m)^(?=FROM )"));
    assertThat(stages.subList(1, stages.size()))
        .hasSize(2)
        .allSatisfy(
            stage ->
                assertThat(stage.lines().filter(line -> line.startsWith("USER ")).toList())
                    .as(stage.lines().findFirst().orElse(""))
                    .endsWith("USER 9999:9999"));
  }

  /** Nothing is fetched for a test: {@code .ci/run} puts the linter into npm's cache. */
  @Test
  void dockerfilelintFindsNothingInTheDockerfile() throws Exception {
    Tools.assume(lint("--version").code() == 0, "dockerfilelint is not in npm's cache: no lint");
    DeployFiles.Outcome outcome = lint();
    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).contains("Issues: None found");
  }

  private static DeployFiles.Outcome lint(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("npm_config_offline=true", "sh", "docker/lint.sh"));
    line.addAll(List.of(arguments));
    return DeployFiles.run("env", line.toArray(String[]::new));
  }

  /** Debian's docker-compose 1.29, where it is; it knows no {@code name} of a project yet. */
  @Test
  void dockerComposeTakesTheFile(@TempDir Path folder) throws Exception {
    DeployFiles.assumeTool("docker-compose", "version");
    Path file = folder.resolve("compose.yaml");
    Files.writeString(
        file, DeployFiles.text("docker/compose.yaml").replace("name: flink-deepfm\n", ""));
    DeployFiles.Outcome outcome =
        DeployFiles.run(
            "env",
            "MODELS=/models",
            "docker-compose",
            "--project-directory",
            DOCKER.toString(),
            "-f",
            file.toString(),
            "config",
            "-q");
    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void grafanaFindsDataSourceAndDashboardWhereTheyAreMounted() throws Exception {
    assertThat(
            DeployFiles.yaml("docker/grafana/datasources.yaml").at("/datasources/0/url").asText())
        .isEqualTo("http://prometheus:9090");
    String folder =
        DeployFiles.yaml("docker/grafana/dashboards.yaml").at("/providers/0/options/path").asText();
    assertThat(services.at("/grafana/volumes"))
        .anyMatch(v -> v.asText().startsWith("../observability/dashboard.json:" + folder + "/"));
    Map<String, String> flink = DeployFiles.flinkConfiguration("docker/config.yaml");
    assertThat(
            DeployFiles.yaml("observability/prometheus.yaml")
                .at("/scrape_configs/0/dns_sd_configs/0/port")
                .asText())
        .isEqualTo(flink.get("metrics.reporter.prom.port"));
  }
}
