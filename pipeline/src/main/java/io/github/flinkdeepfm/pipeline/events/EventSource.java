package io.github.flinkdeepfm.pipeline.events;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.io.IOException;
import java.util.Properties;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Flink's Kafka source, of one topic and without end, with its own state: savepoints of either are
 * taken by the other. It differs in three ways. The configured start counts for a first start only;
 * from then on an offset that is gone means the earliest there is, and what was lost is said,
 * counted, or fails the job. A state with offsets of another topic is refused, or they are dropped.
 * Brokers that are away do not fail the look for new partitions.
 */
public final class EventSource
    implements Source<RawEvent, KafkaPartitionSplit, KafkaSourceEnumState> {
  private static final long serialVersionUID = 1L;

  private final JobConfig.OnLost onLost;
  private final TopicState topic;
  private final Properties consumer;
  private final KafkaRecordDeserializationSchema<RawEvent> records;
  private final KafkaSource<RawEvent> kafka;

  /**
   * @param consumer all properties but {@code auto.offset.reset}
   * @param records is not opened
   * @param newTopicAllowed whether offsets of other topics are dropped
   */
  public EventSource(
      JobConfig.Events events,
      Properties consumer,
      KafkaRecordDeserializationSchema<RawEvent> records,
      boolean newTopicAllowed) {
    onLost = events.onLost();
    topic = new TopicState(events.topic(), newTopicAllowed);
    this.consumer = new Properties();
    this.consumer.putAll(consumer);
    this.consumer.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    this.records = records;
    kafka =
        KafkaSource.<RawEvent>builder()
            .setProperties(consumer)
            .setKafkaSubscriber(new KnownPartitions(events.topic()))
            .setStartingOffsets(new FirstOffsets(events.start(), consumer))
            .setDeserializer(records)
            .build();
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SourceReader<RawEvent, KafkaPartitionSplit> createReader(SourceReaderContext context) {
    GoneOffsets gone =
        new GoneOffsets(consumer, onLost, context.metricGroup().counter(MetricNames.LOST_EVENTS));
    return EventReader.of(context, consumer, records, topic, gone);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context) {
    return kafka.createEnumerator(context);
  }

  @Override
  public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
      SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState state)
      throws IOException {
    return kafka.restoreEnumerator(context, topic.own(state));
  }

  @Override
  public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
    return kafka.getSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
    return kafka.getEnumeratorCheckpointSerializer();
  }
}
