package io.github.flinkdeepfm.pipeline.events;

import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a restored state belongs to the configured topic. The connector would go on reading every
 * topic that the state names.
 *
 * @param newTopicAllowed whether offsets of other topics are dropped instead of refused
 */
record TopicState(String topic, boolean newTopicAllowed) implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicState.class);

  /** A state without partitions of this topic has its first start before it. */
  KafkaSourceEnumState own(KafkaSourceEnumState state) {
    List<KafkaPartitionSplit> assigned = own(state.assignedSplits());
    List<KafkaPartitionSplit> unassigned = own(state.unassignedSplits());
    boolean any = state.splits().size() == 0 || assigned.size() + unassigned.size() > 0;
    return new KafkaSourceEnumState(assigned, unassigned, any && state.initialDiscoveryFinished());
  }

  private List<KafkaPartitionSplit> own(Collection<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> others = others(splits);
    if (!others.isEmpty() && !newTopicAllowed) {
      throw new OffsetsRefusedException(
          "events.topic: expected the topic of the offsets in the job's state, %s, got %s; to read %2$s"
                  .formatted(names(others), topic)
              + " from events.start on and give up those offsets: run with --allow-new-topic, or"
              + " without the savepoint");
    }
    return splits.stream().filter(split -> split.getTopic().equals(topic)).toList();
  }

  /** The same for a reader's part of the state, which has the offsets that were reached. */
  List<KafkaPartitionSplit> restored(List<KafkaPartitionSplit> splits) {
    List<KafkaPartitionSplit> own = own(splits);
    others(splits)
        .forEach(
            split ->
                LOG.warn(
                    "The state's offset {} of {} is dropped: events.topic is {} now",
                    split.getStartingOffset(),
                    split.getTopicPartition(),
                    topic));
    return own;
  }

  private List<KafkaPartitionSplit> others(Collection<KafkaPartitionSplit> splits) {
    return splits.stream().filter(split -> !split.getTopic().equals(topic)).toList();
  }

  private static String names(List<KafkaPartitionSplit> splits) {
    return splits.stream()
        .map(KafkaPartitionSplit::getTopic)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
