package io.github.flinkdeepfm.pipeline.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class KnownPartitionsIT {
  @TempDir Path folder;

  @Test
  void brokersThatAreAwayLeaveThePartitionsThatAreKnownButNotAFirstLook() {
    KnownPartitions partitions = new KnownPartitions("events");
    EmbeddedKafka broker = EmbeddedKafka.start(folder);
    Map<String, Object> client =
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "default.api.timeout.ms",
            5000,
            "request.timeout.ms",
            5000);
    try (AdminClient admin = AdminClient.create(client)) {
      try (broker) {
        broker.createTopic("events", 2, Map.of());
        assertThat(partitions.getSubscribedTopicPartitions(admin)).hasSize(2);
      }
      assertThat(partitions.getSubscribedTopicPartitions(admin)).hasSize(2);
      assertThatThrownBy(() -> new KnownPartitions("events").getSubscribedTopicPartitions(admin))
          .hasStackTraceContaining("Timeout");
    }
  }
}
