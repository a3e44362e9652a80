package io.github.flinkdeepfm.pipeline.events;

import java.util.List;
import java.util.Set;
import org.apache.flink.connector.kafka.source.enumerator.subscriber.KafkaSubscriber;
import org.apache.flink.util.ExceptionUtils;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of the event topic. Brokers that do not answer have no new ones: the connector's
 * own look for them would fail the job, while consumer and producers only wait.
 */
final class KnownPartitions implements KafkaSubscriber {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(KnownPartitions.class);

  private final KafkaSubscriber topic;
  private transient Set<TopicPartition> known;
  private transient boolean failing;

  KnownPartitions(String topic) {
    this.topic = KafkaSubscriber.getTopicListSubscriber(List.of(topic));
  }

  /** The first look has to succeed. */
  @Override
  public Set<TopicPartition> getSubscribedTopicPartitions(AdminClient admin) {
    try {
      known = topic.getSubscribedTopicPartitions(admin);
      failing = false;
    } catch (RuntimeException e) {
      if (known == null || ExceptionUtils.findThrowable(e, RetriableException.class).isEmpty()) {
        throw e;
      }
      if (!failing) {
        LOG.warn("New partitions cannot be looked for; the known ones are read on", e);
      }
      failing = true;
    }
    return known;
  }
}
