package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of bad event through the real job on a real broker whose output topics take 1 MiB, as
 * they do by default: each becomes one score or one dead letter, and the good event behind it is
 * scored.
 */
@Timeout(120)
class BadInputIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private final List<HostileEvents.Case> cases = HostileEvents.json("events");

  @Test
  void eachIsOneScoreOrOneDeadLetterWithItsReasonAndTheJobGoesOn() throws Exception {
    Map<String, String> outcomes = new LinkedHashMap<>();
    Map<String, String> wanted = new LinkedHashMap<>();
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"))) {
      broker.createTopic("events", 1, Map.of("max.message.bytes", "" + 32 * MIB));
      broker.createTopic("scores", 1, Map.of("max.message.bytes", "1048588"));
      broker.createTopic("events-dead", 1, Map.of("max.message.bytes", "1048588"));
      KafkaTopics topics = new KafkaTopics(broker.bootstrapServers());
      List<String> sent = topics.send(cases.stream().map(HostileEvents.Case::record).toList());
      for (int i = 0; i < sent.size(); i++) {
        wanted.put(cases.get(i).name() + " " + sent.get(i), cases.get(i).outcome());
      }
      runUntilDone(broker, topics);
      for (String topic : List.of("scores", "events-dead")) {
        for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
          JsonNode outcome = JSON.readTree(record.value());
          int i = outcome.at("/source/offset").intValue();
          String reason = outcome.path("reason").asText(HostileEvents.SCORE);
          assertThat(outcomes.put(cases.get(i).name() + " " + sent.get(i), reason)).isNull();
          assertThat(outcome.path("detail").asText().length()).isLessThan(300);
          assertThat(record.timestamp()).isLessThan(System.currentTimeMillis() + 3_600_000);
        }
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrderEntriesOf(wanted);
  }

  private void runUntilDone(EmbeddedKafka broker, KafkaTopics topics) throws Exception {
    JobConfig config =
        new JobConfigReader(Map.of())
            .parse(
                "job.yaml",
                """
                job: bad-input
                kafka: {bootstrap.servers: "%s"}
                events: {topic: events, group: it}
                output: {copy: [/user]}
                scores: {topic: scores, transaction_timeout: 1min}
                dead_letters: {topic: events-dead}
                model: {directory: "%s"}
                flink: {checkpoint_interval: 200ms, restart-strategy.type: none}
                """
                    .formatted(
                        broker.bootstrapServers(), TinyModel.writeWeighted(folder.resolve("v1"))));
    Configuration options = FlinkOptions.of(config);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    ScoringJob.define(env, config, ScoringJob.settings(config.scoring(), model));
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      JobID job = cluster.submit(env.getStreamGraph());
      while (topics.count("scores", "events-dead") < cases.size()) {
        cluster.awaitRunning(job); // throws if it has failed
        Thread.sleep(200);
      }
      cluster.stop(job, folder.resolve("savepoint"));
    }
  }
}
