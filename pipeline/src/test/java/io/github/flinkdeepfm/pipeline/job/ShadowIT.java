package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A second version that scores beside the first. */
@Timeout(120)
class ShadowIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 200;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    Path root = folder.resolve("root");
    ModelPublisher publisher =
        new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard());
    for (int seed = 0; seed < 3; seed++) {
      Path made = TinyModel.write(folder.resolve("made" + seed), seed);
      if (seed == 2) { // Reads x0 from elsewhere, and has no default for it.
        Path features = made.resolve("features.json");
        Files.writeString(
            features,
            Files.readString(features)
                .replace("\"source\":\"/metrics/x0\",\"default\":0.0", "\"source\":\"/other/x0\""));
      }
      publisher.publish(made, PublishOptions.DEFAULT.withVersion("v" + seed));
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void bothVersionsScoreWhatEachScoresAlone() throws Exception {
    Map<String, JsonNode> alone0 = run("alone0", "v0", Optional.empty());
    Map<String, JsonNode> alone1 = run("alone1", "v1", Optional.empty());
    Map<String, JsonNode> both = run("both", "v0", Optional.of("v1"));
    assertThat(both).hasSize(EVENTS);
    both.forEach(
        (id, score) -> {
          assertThat(score.get("logit")).isEqualTo(alone0.get(id).get("logit"));
          assertThat(score.at("/shadow/model_version").textValue()).isEqualTo("v1");
          assertThat(score.at("/shadow/logit")).isEqualTo(alone1.get(id).get("logit"));
          assertThat(score.at("/shadow/score")).isEqualTo(alone1.get(id).get("score"));
        });
    assertThat(alone0.values()).noneMatch(score -> score.has("shadow"));
  }

  @Test
  void aShadowOfAnotherEncodingReadsTheEventItself() throws Exception {
    Map<String, JsonNode> alone = run("alone2", "v2", Optional.empty());
    assertThat(alone).hasSize(EVENTS / 2);
    Map<String, JsonNode> both = run("other", "v0", Optional.of("v2"));
    assertThat(both).hasSize(EVENTS);
    both.forEach(
        (id, score) -> {
          assertThat(score.at("/shadow/logit").isNull()).isEqualTo(!alone.containsKey(id));
          if (alone.containsKey(id)) {
            assertThat(score.at("/shadow/logit")).isEqualTo(alone.get(id).get("logit"));
          }
        });
  }

  @Test
  void aShadowThatIsNotThereIsAStartError() {
    assertThatThrownBy(() -> run("missing", "v0", Optional.of("v9")))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("v9");
  }

  /** The scores by event id. */
  private static Map<String, JsonNode> run(String name, String version, Optional<String> shadow)
      throws Exception {
    KafkaTopics topics = new KafkaTopics(broker.bootstrapServers());
    for (String topic : List.of("events-", "scores-", "dead-")) {
      broker.createTopic(topic + name, 1, Map.of());
    }
    List<ProducerRecord<byte[], byte[]>> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      events.add(new ProducerRecord<>("events-" + name, event(i)));
    }
    topics.send(events);
    JobConfig config =
        new JobConfigReader(Map.of())
            .parse(
                "job.yaml",
                """
                job: %1$s
                kafka: {bootstrap.servers: "%2$s"}
                events: {topic: events-%1$s, group: %1$s, start: earliest}
                scores: {topic: scores-%1$s, transaction_timeout: 1min}
                dead_letters: {topic: dead-%1$s}
                model: {root: "%3$s", pin: %4$s}
                batch: {rows: 32}
                flink: {checkpoint_interval: 200ms}
                %5$s
                """
                    .formatted(
                        name,
                        broker.bootstrapServers(),
                        folder.resolve("root"),
                        version,
                        shadow.map(v -> "shadow: {model_version: " + v + "}").orElse("")));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, FlinkOptions.of(config));
    ScoringJob.define(
        env,
        config,
        ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())));
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), 1)) {
      var job = cluster.submit(env.getStreamGraph());
      while (topics.count("scores-" + name, "dead-" + name) < EVENTS) {
        Thread.sleep(50);
      }
      cluster.cancel(job);
    }
    Map<String, JsonNode> scores = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read("scores-" + name)) {
      JsonNode score = JSON.readTree(record.value());
      scores.put(score.get("event_id").textValue(), score);
    }
    return scores;
  }

  /** Every other event has what version v2 reads. */
  private static byte[] event(int i) {
    String other = i % 2 == 0 ? ",\"other\":{\"x0\":" + i / 9.0 + "}" : "";
    return "{\"event_id\":\"%d\",\"metrics\":{\"x0\":%d.5,\"x1\":%d},\"ids\":{\"c0\":[%d]}%s}"
        .formatted(i, i % 7, i % 5, i % 10, other)
        .getBytes(StandardCharsets.UTF_8);
  }
}
