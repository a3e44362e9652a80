package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaSinksTest {
  @Test
  void producersGatherMoreThanKafkasDefaultAndWaitLess() {
    assertThat(KafkaSinks.producer(config(""), "scores"))
        .containsEntry("bootstrap.servers", "localhost:9092")
        .containsEntry("batch.size", "131072")
        .containsEntry("linger.ms", "1")
        .containsEntry("transaction.timeout.ms", "900000");
  }

  @Test
  void theUsersPropertiesCountMoreThanOurDefaults() {
    assertThat(
            KafkaSinks.producer(
                config(", batch.size: 1000, linger.ms: 50, acks: all"), "dead-letters"))
        .containsEntry("batch.size", "1000")
        .containsEntry("linger.ms", "50")
        .containsEntry("acks", "all");
  }

  private static JobConfig config(String moreOfKafka) {
    String yaml =
        """
        job: ctr
        kafka: {bootstrap.servers: "localhost:9092"%s}
        events: {topic: events, group: ctr}
        scores: {topic: scores}
        dead_letters: {topic: dead}
        model: {directory: /model}
        """
            .formatted(moreOfKafka);
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml);
  }
}
