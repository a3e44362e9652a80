package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a job wrote to its score topic, committed or not. */
final class ScoreTopic {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int RECORDS = 20_000;
  private static final int MIN_COMMON = 1_000;
  private static final double TOLERANCE = 1e-4;

  private ScoreTopic() {}

  /** Logits of the first scores by the event's coordinates. */
  static Map<String, Float> logits(String bootstrapServers, String topic) throws IOException {
    Map<String, Float> logits = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers, topic)) {
      int empty = 0;
      while (logits.size() < RECORDS && empty < 3) {
        var records = consumer.poll(Duration.ofMillis(200));
        empty = records.isEmpty() ? empty + 1 : 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
          JsonNode score = JSON.readTree(record.value());
          JsonNode source = score.get("source");
          logits.put(
              source.get("partition") + "-" + source.get("offset"),
              score.get("logit").floatValue());
        }
      }
    }
    return logits;
  }

  /** A consumer of all partitions from their beginning, read_uncommitted. */
  static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers, String topic) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  /**
   * @throws IllegalStateException if a logit differs by more than 1e-4 (of its size, above 1), or
   *     too few are of the same events
   */
  static void requireAgree(String side, Map<String, Float> expected, Map<String, Float> got) {
    int common = 0;
    for (Map.Entry<String, Float> logit : got.entrySet()) {
      Float other = expected.get(logit.getKey());
      if (other != null) {
        common++;
        if (!(Math.abs(other - logit.getValue()) <= TOLERANCE * Math.max(1, Math.abs(other)))) {
          throw new IllegalStateException(
              "event %s: expected logit %s, got %s (%s)"
                  .formatted(logit.getKey(), other, logit.getValue(), side));
        }
      }
    }
    if (common < MIN_COMMON) {
      throw new IllegalStateException(
          "expected scores of %d common events, got %d (%s)".formatted(MIN_COMMON, common, side));
    }
  }
}
