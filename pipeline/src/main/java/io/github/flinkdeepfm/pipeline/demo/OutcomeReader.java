package io.github.flinkdeepfm.pipeline.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads scores and dead letters back as any consumer would (read_committed, from the beginning) and
 * keeps the accounts. Runs in a thread of its own; the other methods are for other threads.
 */
final class OutcomeReader implements Callable<Void> {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LONGEST_MILLIS = 3_600_000;
  private static final ObjectReader JSON = new ObjectMapper().reader();

  private final Map<String, Object> client;
  private final String scoreTopic;
  private final String deadLetterTopic;
  private final AnswerKey key;
  private final Accounting accounting;
  private final Judged all = new Judged();
  private final Map<String, Judged> versions = new LinkedHashMap<>();
  private final Histogram scored = new Histogram(LONGEST_MILLIS, 3);
  private final Histogram visible = new Histogram(LONGEST_MILLIS, 3);
  private final Histogram recentScored = new Histogram(LONGEST_MILLIS, 3);
  private final Histogram recentVisible = new Histogram(LONGEST_MILLIS, 3);
  private String modelVersion = "";
  private volatile boolean finishing;

  /** Scores beside the true probabilities of the same events. */
  private static final class Judged {
    final ProgressiveMetrics model = new ProgressiveMetrics();
    final ProgressiveMetrics best = new ProgressiveMetrics();

    void add(double logit, double truth, boolean label) {
      model.add(logit, label);
      best.add(Math.log(truth / (1 - truth)), label);
    }

    Progress.Version version(String name) {
      return new Progress.Version(
          name, model.count(), Progress.Quality.of(model), Progress.Quality.of(best));
    }
  }

  OutcomeReader(String bootstrapServers, String scoreTopic, String deadLetterTopic, AnswerKey key) {
    client = Map.of("bootstrap.servers", bootstrapServers, "isolation.level", "read_committed");
    this.scoreTopic = scoreTopic;
    this.deadLetterTopic = deadLetterTopic;
    this.key = key;
    accounting = new Accounting(key);
  }

  /** Reads until {@link #finish}, then up to the end of the topics. */
  @Override
  public Void call() throws IOException {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : List.of(scoreTopic, deadLetterTopic)) {
        for (PartitionInfo info : consumer.partitionsFor(topic)) {
          partitions.add(new TopicPartition(topic, info.partition()));
        }
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (!finishing) {
        read(consumer);
      }
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        read(consumer);
      }
    }
    return null;
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) throws IOException {
    var records = consumer.poll(POLL);
    long now = System.currentTimeMillis();
    synchronized (this) {
      for (ConsumerRecord<byte[], byte[]> record : records) {
        JsonNode json = JSON.readTree(record.value());
        int partition = json.path("source").path("partition").asInt(-1);
        long offset = json.path("source").path("offset").asLong(-1);
        if (record.topic().equals(deadLetterTopic)) {
          DeadLetterReason reason = DeadLetterReason.valueOf(json.path("reason").asText());
          accounting.deadLetter(partition, offset, reason);
        } else if (accounting.score(partition, offset)) {
          score(json, record.timestamp(), key.probability(key.indexOf(partition, offset)), now);
        }
      }
    }
  }

  private void score(JsonNode json, long eventTime, double truth, long now) {
    record(json.path("scored_at").asLong() - eventTime, scored, recentScored);
    record(now - eventTime, visible, recentVisible);
    boolean label = json.path("label").asInt() == 1;
    double logit = json.path("logit").asDouble();
    modelVersion = json.path("model_version").asText();
    all.add(logit, truth, label);
    versions.computeIfAbsent(modelVersion, v -> new Judged()).add(logit, truth, label);
  }

  private static void record(long millis, Histogram all, Histogram recent) {
    long value = Math.max(0, Math.min(millis, LONGEST_MILLIS));
    all.recordValue(value);
    recent.recordValue(value);
  }

  /** Makes {@link #call} return once it has read what is there by then. */
  void finish() {
    finishing = true;
  }

  /** Outcomes read, duplicates counted as often as they come. */
  synchronized long outcomes() {
    return accounting.scores() + accounting.deadLetters();
  }

  /** The state now, with the latencies since the last call. */
  synchronized Progress recent() {
    Progress progress = progress(recentScored, recentVisible);
    recentScored.reset();
    recentVisible.reset();
    return progress;
  }

  /** The state now, with the latencies of all scores. */
  synchronized Progress total() {
    return progress(scored, visible);
  }

  private Progress progress(Histogram scoredMillis, Histogram visibleMillis) {
    return new Progress(
        accounting.scores(),
        accounting.deadLetters(),
        modelVersion,
        Progress.Latency.of(scoredMillis),
        Progress.Latency.of(visibleMillis),
        versions.entrySet().stream().map(v -> v.getValue().version(v.getKey())).toList(),
        Progress.Quality.of(all.model),
        Progress.Quality.of(all.best));
  }

  /** Only after {@link #call} has returned. */
  Accounting accounting() {
    return accounting;
  }
}
