package io.github.flinkdeepfm.sql;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Topics of one partition as plain Kafka clients write and read them. */
final class KafkaLines {
  private final Map<String, Object> client;

  KafkaLines(String bootstrapServers) {
    client = Map.of("bootstrap.servers", bootstrapServers);
  }

  void send(String topic, List<String> lines) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
      lines.forEach(
          line -> {
            var unused = producer.send(new ProducerRecord<>(topic, line));
          });
    }
  }

  /** The first lines of a topic, as soon as there are so many. */
  List<String> read(String topic, int count) {
    List<String> lines = new ArrayList<>();
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(client, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (lines.size() < count) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> lines.add(record.value()));
        if (System.nanoTime() > end) {
          throw new AssertionError(
              "expected %d records, got %d (topic %s)".formatted(count, lines.size(), topic));
        }
      }
    }
    return lines;
  }
}
