package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.job.KafkaEvents;
import io.github.flinkdeepfm.pipeline.replay.Range.Part;
import io.github.flinkdeepfm.pipeline.replay.Range.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.Source;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A range of the event topic that {@code job.yaml} names, with the score and dead-letter topics.
 */
final class KafkaRecording implements Recording {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final String READ_COMMITTED = "read_committed";

  private final JobConfig config;
  private final Range range;

  /**
   * Resolves the range. Its end is what is committed by now, so that it does not grow while it is
   * replayed.
   *
   * @throws InvalidConfigurationException if a topic or a partition is not there
   */
  KafkaRecording(JobConfig config, RangeBound from, RangeBound to) {
    this.config = config;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, KafkaEvents.isolation(config))) {
      this.range = resolve(consumer, config.events().topic(), from, to);
      partitions(consumer, config.scores().topic());
      partitions(consumer, config.deadLetterTopic());
    }
  }

  @Override
  public Range range() {
    return range;
  }

  @Override
  public Source<RawEvent, ?, ?> events(Map<Integer, Span> spans) {
    Map<TopicPartition, Long> starts = new HashMap<>();
    Map<TopicPartition, Long> stops = new HashMap<>();
    spans.forEach(
        (partition, span) -> {
          starts.put(new TopicPartition(range.topic(), partition), span.from());
          stops.put(new TopicPartition(range.topic(), partition), span.to());
        });
    return KafkaEvents.range(config, starts, stops);
  }

  @Override
  public void readEvents(Reader reader) throws IOException {
    Map<TopicPartition, Span> spans = new HashMap<>();
    range
        .spans()
        .forEach((partition, s) -> spans.put(new TopicPartition(range.topic(), partition), s));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, KafkaEvents.isolation(config))) {
      read(consumer, spans, reader);
    }
  }

  @Override
  public void readScores(Reader reader) throws IOException {
    readTopic(config, config.scores().topic(), reader);
  }

  @Override
  public void readDeadLetters(Reader reader) throws IOException {
    readTopic(config, config.deadLetterTopic(), reader);
  }

  /** Reads what is committed in a topic by now. */
  static void readTopic(JobConfig config, String topic, Reader reader) throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(config, READ_COMMITTED)) {
      Set<TopicPartition> partitions = partitions(consumer, topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, Span> spans = new HashMap<>();
      consumer
          .beginningOffsets(partitions)
          .forEach((partition, from) -> spans.put(partition, new Span(from, ends.get(partition))));
      read(consumer, spans, reader);
    }
  }

  private static void read(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Span> spans, Reader reader)
      throws IOException {
    Set<TopicPartition> open = new HashSet<>(spans.keySet());
    open.removeIf(partition -> spans.get(partition).isEmpty());
    consumer.assign(open);
    open.forEach(partition -> consumer.seek(partition, spans.get(partition).from()));
    while (!open.isEmpty()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        Span span = spans.get(new TopicPartition(record.topic(), record.partition()));
        if (span.contains(record.offset())) {
          reader.accept(
              KafkaEvents.rawEvent(record),
              record.timestampType() == TimestampType.LOG_APPEND_TIME);
        }
      }
      // Positions pass over transaction markers, which no record shows.
      if (open.removeIf(p -> consumer.position(p) >= spans.get(p).to())) {
        consumer.assign(open);
      }
    }
  }

  private static Range resolve(
      KafkaConsumer<byte[], byte[]> consumer, String topic, RangeBound from, RangeBound to) {
    Set<TopicPartition> partitions = partitions(consumer, topic);
    Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
    requirePartitions(topic, partitions, from);
    requirePartitions(topic, partitions, to);
    Map<TopicPartition, Long> starts = offsets(consumer, partitions, from, end, Map.of());
    Map<TopicPartition, Long> stops = offsets(consumer, partitions, to, end, end);
    TreeMap<Integer, Part> parts = new TreeMap<>();
    for (TopicPartition partition : partitions) {
      long stop = Math.min(stops.get(partition), end.get(partition));
      // Without a bound, what retention has deleted belongs to the range: its scores may be there.
      long asked = Math.min(starts.getOrDefault(partition, 0L), stop);
      if (from.timestamp().isPresent() && asked == first.get(partition)) {
        asked = 0;
      }
      long start = Math.min(Math.max(asked, first.get(partition)), stop);
      parts.put(partition.partition(), new Part(asked, start, stop));
    }
    return new Range(topic, parts);
  }

  /** The offsets that a bound names; a time after the last record is the end. */
  private static Map<TopicPartition, Long> offsets(
      KafkaConsumer<byte[], byte[]> consumer,
      Set<TopicPartition> partitions,
      RangeBound bound,
      Map<TopicPartition, Long> end,
      Map<TopicPartition, Long> otherwise) {
    Map<TopicPartition, Long> offsets = new HashMap<>(otherwise);
    if (bound.timestamp().isPresent()) {
      Map<TopicPartition, Long> times =
          partitions.stream().collect(Collectors.toMap(p -> p, p -> bound.timestamp().getAsLong()));
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
      partitions.forEach(
          p -> offsets.put(p, found.get(p) == null ? end.get(p) : found.get(p).offset()));
    }
    for (TopicPartition partition : partitions) {
      Long named = bound.offsets().get(partition.partition());
      if (named != null) {
        offsets.put(partition, named);
      }
    }
    return offsets;
  }

  private static void requirePartitions(
      String topic, Set<TopicPartition> partitions, RangeBound bound) {
    Set<Integer> there =
        partitions.stream()
            .map(TopicPartition::partition)
            .collect(Collectors.toCollection(TreeSet::new));
    for (int partition : bound.offsets().keySet()) {
      if (!there.contains(partition)) {
        throw new InvalidConfigurationException(
            "topic " + topic,
            List.of("expected one of the partitions " + there + ", got " + partition));
      }
    }
  }

  private static Set<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<PartitionInfo> infos;
    try {
      infos = consumer.partitionsFor(topic);
    } catch (UnknownTopicOrPartitionException | InvalidTopicException e) {
      infos = List.of();
    }
    if (infos == null || infos.isEmpty()) {
      throw new InvalidConfigurationException(
          "topic " + topic, List.of("expected it on the brokers, got no such topic"));
    }
    return infos.stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .collect(Collectors.toSet());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(JobConfig config, String isolation) {
    Properties properties = config.kafka().toProperties();
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "5000");
    return new KafkaConsumer<>(
        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
