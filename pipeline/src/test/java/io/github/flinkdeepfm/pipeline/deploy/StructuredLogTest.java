package io.github.flinkdeepfm.pipeline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.LoggerContext;
import org.junit.jupiter.api.Test;

/** What the cluster's log configuration writes. */
class StructuredLogTest {
  @Test
  void aLineIsOneJsonObjectWithWhatOperatorsLookFor() throws Exception {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try (LoggerContext context =
        new LoggerContext(
            "cluster",
            null,
            DeployFiles.DEPLOY.resolve("observability/log4j2-json.properties").toUri())) {
      context.start();
      ThreadContext.put("flink-job-id", "a1");
      Logger logger = context.getLogger("io.github.flinkdeepfm.Test");
      logger.warn("a version\nwas refused", new IllegalStateException("why"));
      logger.debug("not written");
      context.getLogger("org.apache.kafka.clients.producer.ProducerConfig").info("not written");
    } finally {
      ThreadContext.remove("flink-job-id");
      System.setOut(out);
    }

    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(1);
    JsonNode line = DeployFiles.JSON.readTree(lines.get(0));
    assertThat(line.path("message").asText()).isEqualTo("a version\nwas refused");
    assertThat(line.path("log.level").asText()).isEqualTo("WARN");
    assertThat(line.path("log.logger").asText()).isEqualTo("io.github.flinkdeepfm.Test");
    assertThat(line.path("@timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(line.path("flink-job-id").asText()).isEqualTo("a1");
    assertThat(line.path("error.message").asText()).isEqualTo("why");
    assertThat(line.path("error.stack_trace").asText()).contains("StructuredLogTest");
    assertThat(line.path("service.name").asText()).isEqualTo("flink-deepfm");
    assertThat(line.has("host.name")).isTrue();
  }
}
