package io.github.flinkdeepfm.pipeline.events;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks the brokers for offsets. Each question may take a client's {@code default.api.timeout.ms};
 * one that is not answered is an {@link IllegalStateException}.
 */
final class BrokerOffsets implements AutoCloseable {
  private final String group;
  private final Admin admin;

  /**
   * @param consumer the properties of the source
   */
  BrokerOffsets(Properties consumer) {
    group = consumer.getProperty(ConsumerConfig.GROUP_ID_CONFIG);
    Map<String, Object> client = new HashMap<>();
    consumer.stringPropertyNames().forEach(key -> client.put(key, consumer.getProperty(key)));
    client.put(
        ConsumerConfig.CLIENT_ID_CONFIG,
        consumer.getProperty(KafkaSourceOptions.CLIENT_ID_PREFIX.key()) + "-offsets");
    admin = Admin.create(client);
  }

  /** The first record that is there. */
  Map<TopicPartition, Long> earliest(Collection<TopicPartition> partitions) {
    return list(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
  }

  /**
   * What follows the last record.
   *
   * @param isolation {@code READ_COMMITTED}: where the first open transaction begins
   */
  Map<TopicPartition, Long> latest(
      Collection<TopicPartition> partitions, IsolationLevel isolation) {
    return list(partitions, OffsetSpec.latest(), isolation);
  }

  private Map<TopicPartition, Long> list(
      Collection<TopicPartition> partitions, OffsetSpec which, IsolationLevel isolation) {
    Map<TopicPartition, OffsetSpec> question =
        partitions.stream().collect(Collectors.toMap(p -> p, p -> which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    try {
      admin
          .listOffsets(question, new ListOffsetsOptions(isolation))
          .all()
          .get()
          .forEach((partition, answer) -> offsets.put(partition, answer.offset()));
    } catch (ExecutionException e) {
      throw unanswered(partitions, e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(partitions, e);
    }
    return offsets;
  }

  /** The group's committed offsets, or where a partition has none its earliest. */
  Map<TopicPartition, Long> committed(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> offsets = earliest(partitions);
    try {
      admin
          .listConsumerGroupOffsets(
              Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)))
          .partitionsToOffsetAndMetadata(group)
          .get()
          .forEach(
              (partition, committed) -> {
                if (committed != null) {
                  offsets.put(partition, committed.offset());
                }
              });
    } catch (ExecutionException e) {
      throw unanswered(partitions, e.getCause());
    } catch (InterruptedException e) {
      throw interrupted(partitions, e);
    }
    return offsets;
  }

  private static IllegalStateException unanswered(
      Collection<TopicPartition> partitions, Throwable cause) {
    return new IllegalStateException("the brokers do not tell offsets of " + partitions, cause);
  }

  private static IllegalStateException interrupted(
      Collection<TopicPartition> partitions, InterruptedException e) {
    Thread.currentThread().interrupt();
    return unanswered(partitions, e);
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO); // nothing is asked any more
  }
}
