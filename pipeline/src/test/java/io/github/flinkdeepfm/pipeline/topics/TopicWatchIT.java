package io.github.flinkdeepfm.pipeline.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TopicWatchIT {
  private static final long HOUR = Duration.ofHours(1).toMillis();

  @TempDir static Path folder;
  private static EmbeddedKafka broker;

  @BeforeAll
  static void start() {
    broker =
        EmbeddedKafka.start(
            folder.resolve("broker"), 0, Map.of("transaction.max.timeout.ms", "60000"));
    broker.createTopic("events", 1, Map.of("cleanup.policy", "compact"));
    broker.createTopic("scores", 1, Map.of("retention.ms", Long.toString(HOUR)));
    broker.createTopic("small", 1, Map.of("max.message.bytes", "100000"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static TopicNeeds needs(String servers, String deadLetters) {
    return new TopicNeeds(
        "ctr",
        Options.of(Map.of("bootstrap.servers", servers)),
        "events",
        "scores",
        deadLetters,
        400_000,
        500_000,
        600_000,
        60_001);
  }

  @Test
  void aRealBrokersTopicsAreTold() throws Exception {
    TopicLook look = TopicLook.at(needs(broker.bootstrapServers(), "small"));
    assertThat(look.isAnswered()).isTrue();
    assertThat(look.findings())
        .extracting(TopicFinding::where, TopicFinding::found)
        .containsExactly(
            tuple("topic events", "cleanup.policy has compact"),
            tuple("topic scores", "retention.ms=" + HOUR),
            tuple("topic small", "max.message.bytes=100000"),
            tuple("brokers", "transaction.max.timeout.ms=60000"));
  }

  @Test
  void aTopicThatIsNotThereIsToldAndAskedForAgain() throws Exception {
    TopicLook look = TopicLook.at(needs(broker.bootstrapServers(), "absent"));
    assertThat(look.isAnswered()).isFalse();
    assertThat(look.findings())
        .extracting(TopicFinding::toString)
        .anyMatch(line -> line.startsWith("topic absent: does not exist"));
  }

  @Test
  void brokersThatDoNotAnswerAreOneFinding() throws Exception {
    TopicLook look = TopicLook.at(needs("127.0.0.1:1", "small"));
    assertThat(look.isAnswered()).isFalse();
    assertThat(look.settings()).isEmpty();
    assertThat(look.findings())
        .singleElement()
        .asString()
        .contains("no answer", "Kafka's defaults count");
  }

  @Test
  void aRetentionThatChangesIsTakenUpAtTheNextLook() throws Exception {
    broker.createTopic("changing", 1, Map.of("retention.ms", Long.toString(HOUR)));
    TopicNeeds needs = needs(broker.bootstrapServers(), "changing");
    try (TopicWatch watch = new TopicWatch(needs, Duration.ofMillis(50))) {
      awaitBehind(watch, HOUR / 2);
      try (Admin admin =
          Admin.create(Map.of("bootstrap.servers", (Object) broker.bootstrapServers()))) {
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, "changing"),
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry("retention.ms", Long.toString(4 * HOUR)),
                            AlterConfigOp.OpType.SET))))
            .all()
            .get();
      }
      awaitBehind(watch, 2 * HOUR);
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("ctr-topics");
  }

  private static void awaitBehind(TopicWatch watch, long millis) throws InterruptedException {
    while (watch.limits("changing").get().behindMillis() != millis) {
      Thread.sleep(20);
    }
  }
}
