package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the demo starts in its process, broker and Flink, cannot be reached from other machines. */
@Timeout(120)
class LoopbackIT {
  @TempDir Path folder;

  @Test
  void brokerAndFlinkListenOnTheLoopbackInterfaceOnly() throws Exception {
    assumeTrue(ListeningSockets.available());
    long self = ProcessHandle.current().pid();
    int before = ListeningSockets.of(self).size();
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder);
        LocalCluster cluster = LocalCluster.start(new Configuration(), 1)) {
      assertThat(cluster.restAddress().getHost()).isEqualTo("127.0.0.1");
      assertThat(broker.bootstrapServers()).startsWith("127.0.0.1:");
      // Broker, controller, REST, and the job manager's blob server.
      assertThat(ListeningSockets.of(self)).hasSizeGreaterThanOrEqualTo(before + 4);
      assertThat(ListeningSockets.beyondLoopback(self)).isEmpty();
    }
  }
}
