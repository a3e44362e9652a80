package io.github.flinkdeepfm.pipeline.events;

import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a job without state begins, in numbers. A name instead ("committed") would stay in the
 * state of a partition until its first record, and mean something else at the next start.
 */
final class FirstOffsets implements OffsetsInitializer {
  private static final long serialVersionUID = 1L;

  private final JobConfig.Start start;
  private final Properties consumer;

  FirstOffsets(JobConfig.Start start, Properties consumer) {
    this.start = start;
    this.consumer = consumer;
  }

  @Override
  public Map<TopicPartition, Long> getPartitionOffsets(
      Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
    if (start.at() == JobConfig.Start.At.TIMESTAMP) {
      return OffsetsInitializer.timestamp(start.timestamp())
          .getPartitionOffsets(partitions, retriever);
    }
    try (BrokerOffsets broker = new BrokerOffsets(consumer)) {
      return switch (start.at()) {
        case COMMITTED -> broker.committed(partitions);
        case LATEST -> broker.latest(partitions, isolation());
        default -> broker.earliest(partitions);
      };
    }
  }

  private IsolationLevel isolation() {
    String level = consumer.getProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG);
    return IsolationLevel.valueOf(level.toUpperCase(Locale.ROOT));
  }

  /** None: an offset that is gone is for {@link GoneOffsets}. */
  @Override
  @SuppressWarnings("deprecation") // the connector takes no other type
  public OffsetResetStrategy getAutoOffsetResetStrategy() {
    return OffsetResetStrategy.NONE;
  }
}
