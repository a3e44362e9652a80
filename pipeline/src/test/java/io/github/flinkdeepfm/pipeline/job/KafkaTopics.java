package io.github.flinkdeepfm.pipeline.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics as plain Kafka clients write and read them. */
public final class KafkaTopics {
  private final Map<String, Object> client;

  public KafkaTopics(String bootstrapServers) {
    this(Map.of("bootstrap.servers", bootstrapServers));
  }

  /** With the properties that a client needs to get in. */
  KafkaTopics(Map<String, String> access) {
    client = new HashMap<>(access);
    client.put("isolation.level", "read_committed");
    client.put("max.request.size", 32 << 20);
    client.put("max.partition.fetch.bytes", 32 << 20);
  }

  /** Sends records and returns their coordinates, {@code partition-offset}, in their order. */
  public List<String> send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    return send(records, "none");
  }

  /**
   * @param compression a producer's {@code compression.type}
   */
  List<String> send(List<ProducerRecord<byte[], byte[]>> records, String compression)
      throws Exception {
    Map<String, Object> properties = new HashMap<>(client);
    properties.put("compression.type", compression);
    // A broker takes any first batch of a producer that it does not know: were the first request
    // refused, because the topic is new, and the second taken, the first could never follow.
    properties.put("max.in.flight.requests.per.connection", 1);
    List<String> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> pending = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : records) {
        pending.add(producer.send(record));
      }
      for (Future<RecordMetadata> ack : pending) {
        sent.add(ack.get().partition() + "-" + ack.get().offset());
      }
    }
    return sent;
  }

  /** All committed records of a topic. */
  public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  /** The offset after a topic's last record, committed or not, over all partitions. */
  long end(String topic) {
    Map<String, Object> all = new HashMap<>(client);
    all.put("isolation.level", "read_uncommitted");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      return consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** Deletes the records of a partition before an offset, as retention does. */
  public void delete(String topic, int partition, long before) throws Exception {
    try (Admin admin = Admin.create(client)) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(before)))
          .all()
          .get();
    }
  }

  /** Deletes the records of a topic that a group has read, by its committed offsets. */
  public void deleteRead(String topic, String group) throws Exception {
    for (Map.Entry<TopicPartition, OffsetAndMetadata> read : offsets(group).entrySet()) {
      delete(topic, read.getKey().partition(), read.getValue().offset());
    }
  }

  /** What a group has committed, over all partitions. */
  long committed(String group) throws Exception {
    return offsets(group).values().stream().mapToLong(OffsetAndMetadata::offset).sum();
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(String group) throws Exception {
    try (Admin admin = Admin.create(client)) {
      return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    }
  }

  /** Committed records of several topics in total. */
  public int count(String... names) {
    return Arrays.stream(names).mapToInt(name -> read(name).size()).sum();
  }
}
