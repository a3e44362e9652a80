package io.github.flinkdeepfm.pipeline.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.CommittedScore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Enters what a read_committed consumer reads into a {@link Ledger}, until it is closed. */
final class OutcomeReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Object> client;
  private final List<String> topics;
  private final Ledger ledger;
  private final CompletableFuture<Void> done;
  private volatile boolean closed;

  OutcomeReader(String bootstrapServers, String scores, String deadLetters, Ledger ledger) {
    client =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "isolation.level",
            "read_committed",
            "reconnect.backoff.max.ms",
            200);
    topics = List.of(scores, deadLetters);
    this.ledger = ledger;
    done = Background.run("outcome-reader", this::read);
  }

  private void read() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!closed) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          enter(record);
        }
      }
    } catch (IOException | RuntimeException e) {
      ledger.mistake(-1, "could not be read: " + e);
    }
  }

  private void enter(ConsumerRecord<byte[], byte[]> record) throws IOException {
    if (record.topic().equals(topics.get(0))) {
      ledger.score(CommittedScore.parse(record.value()), System.currentTimeMillis());
      return;
    }
    JsonNode letter = JSON.readTree(record.value());
    ledger.deadLetter(
        letter.at("/source/partition").intValue(),
        letter.at("/source/offset").longValue(),
        letter.get("reason").textValue());
  }

  @Override
  public void close() {
    closed = true;
    done.join();
  }
}
