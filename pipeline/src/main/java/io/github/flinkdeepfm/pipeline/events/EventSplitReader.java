package io.github.flinkdeepfm.pipeline.events;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.kafka.source.metrics.KafkaSourceReaderMetrics;
import org.apache.flink.connector.kafka.source.reader.KafkaPartitionSplitReader;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;

/** The connector's reader, which asks where to go on when an offset is gone. */
final class EventSplitReader extends KafkaPartitionSplitReader {
  private final Properties consumer;
  private final GoneOffsets gone;

  EventSplitReader(
      Properties consumer,
      SourceReaderContext context,
      KafkaSourceReaderMetrics metrics,
      GoneOffsets gone) {
    super(consumer, context, metrics);
    this.consumer = consumer;
    this.gone = gone;
  }

  @Override
  public RecordsWithSplitIds<ConsumerRecord<byte[], byte[]>> fetch() throws IOException {
    try {
      return super.fetch();
    } catch (OffsetOutOfRangeException e) { // before it, all that came of other partitions is out
      List<KafkaPartitionSplit> moved = new ArrayList<>();
      gone.resolve(e)
          .forEach((partition, offset) -> moved.add(new KafkaPartitionSplit(partition, offset)));
      super.handleSplitsChanges(new SplitsAddition<>(moved));
      return new RecordsBySplits<>(Map.of(), Set.of());
    }
  }

  /** Takes the name "committed", which earlier releases left in the state, for its offsets. */
  @Override
  public void handleSplitsChanges(SplitsChange<KafkaPartitionSplit> change) {
    List<TopicPartition> named =
        change.splits().stream()
            .filter(EventSplitReader::isCommitted)
            .map(KafkaPartitionSplit::getTopicPartition)
            .toList();
    if (named.isEmpty()) {
      super.handleSplitsChanges(change);
      return;
    }
    try (BrokerOffsets broker = new BrokerOffsets(consumer)) {
      Map<TopicPartition, Long> offsets = broker.committed(named);
      super.handleSplitsChanges(
          new SplitsAddition<>(
              change.splits().stream()
                  .map(
                      split ->
                          isCommitted(split)
                              ? new KafkaPartitionSplit(
                                  split.getTopicPartition(), offsets.get(split.getTopicPartition()))
                              : split)
                  .toList()));
    }
  }

  private static boolean isCommitted(KafkaPartitionSplit split) {
    return split.getStartingOffset() == KafkaPartitionSplit.COMMITTED_OFFSET;
  }
}
