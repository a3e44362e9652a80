package io.github.flinkdeepfm.pipeline.events;

import io.github.flinkdeepfm.operators.RawEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.synchronization.FutureCompletingBlockingQueue;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaRecordEmitter;
import org.apache.flink.connector.kafka.source.reader.KafkaSourceReader;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.connector.kafka.source.reader.fetcher.KafkaSourceFetcherManager;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitState;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** The connector's reader of one subtask, put together with our {@link EventSplitReader}. */
final class EventReader extends KafkaSourceReader<RawEvent> {
  private final TopicState topic;
  private final GoneOffsets gone;

  static EventReader of(
      SourceReaderContext context,
      Properties consumer,
      KafkaRecordDeserializationSchema<RawEvent> records,
      TopicState topic,
      GoneOffsets gone) {
    FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue =
        new FutureCompletingBlockingQueue<>();
    KafkaSourceReaderMetrics metrics = new PartitionMetrics(context.metricGroup());
    Configuration configuration = new Configuration();
    consumer
        .stringPropertyNames()
        .forEach(key -> configuration.setString(key, consumer.getProperty(key)));
    return new EventReader(
        queue,
        new KafkaSourceFetcherManager(
            queue, () -> new EventSplitReader(consumer, context, metrics, gone), finished -> {}),
        new Emitter(records, gone),
        configuration,
        context,
        metrics,
        topic,
        gone);
  }

  private EventReader(
      FutureCompletingBlockingQueue<RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>>> queue,
      KafkaSourceFetcherManager fetchers,
      KafkaRecordEmitter<RawEvent> emitter,
      Configuration configuration,
      SourceReaderContext context,
      KafkaSourceReaderMetrics metrics,
      TopicState topic,
      GoneOffsets gone) {
    super(queue, fetchers, emitter, configuration, context, metrics);
    this.topic = topic;
    this.gone = gone;
  }

  @Override
  public void addSplits(List<KafkaPartitionSplit> splits) {
    super.addSplits(topic.restored(splits));
  }

  @Override
  protected KafkaPartitionSplit toSplitType(String id, KafkaPartitionSplitState state) {
    KafkaPartitionSplit split = super.toSplitType(id, state);
    long offset = split.getStartingOffset();
    long position = gone.position(split.getTopicPartition(), offset);
    return position == offset
        ? split
        : new KafkaPartitionSplit(split.getTopicPartition(), position);
  }

  private static final class Emitter extends KafkaRecordEmitter<RawEvent> {
    private final GoneOffsets gone;

    Emitter(KafkaRecordDeserializationSchema<RawEvent> records, GoneOffsets gone) {
      super(records);
      this.gone = gone;
    }

    @Override
    public void emitRecord(
        ConsumerRecord<byte[], byte[]> record,
        SourceOutput<RawEvent> output,
        KafkaPartitionSplitState state)
        throws Exception {
      gone.taken(state.getTopicPartition(), state.getCurrentOffset(), record.offset());
      super.emitRecord(record, output, state);
    }
  }

  /** A partition that goes on elsewhere is added once more, and has its gauges already. */
  private static final class PartitionMetrics extends KafkaSourceReaderMetrics {
    private final Set<TopicPartition> registered = new HashSet<>();

    PartitionMetrics(SourceReaderMetricGroup group) {
      super(group);
    }

    @Override
    public void registerTopicPartition(TopicPartition partition) {
      if (registered.add(partition)) {
        super.registerTopicPartition(partition);
      }
    }
  }
}
