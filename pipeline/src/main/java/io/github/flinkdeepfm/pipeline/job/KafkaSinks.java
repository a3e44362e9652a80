package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.util.Properties;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The two output topics. Both have the delivery guarantee of {@code scores.delivery}: an event that
 * is counted once among the scores has to be counted once among the dead letters.
 */
final class KafkaSinks {
  /**
   * Kafka's own 16 KiB are 50 scores, and a request for each 50 costs producer and broker 15 % more
   * processor time an event than these 128 KiB.
   */
  private static final String BATCH_BYTES = "131072";

  /** Dead letters are few, and a batch that is larger than their topic takes is sent in vain. */
  private static final String DEAD_LETTER_BATCH_BYTES = "16384";

  /** A micro-batch's scores come at once: Kafka's own 5 ms only make them late. */
  private static final String LINGER_MILLIS = "1";

  private static final String SCORES = "scores";
  private static final String DEAD_LETTERS = "dead-letters";

  private KafkaSinks() {}

  static Sink<ScoredEvent> scores(JobConfig config) {
    OutputTopic topic = new OutputTopic(config, config.scores().topic());
    ScoreRecords records = new ScoreRecords(topic, config.scoring().event().copy());
    return contained(config, SCORES, records, topic);
  }

  static Sink<DeadLetter> deadLetters(JobConfig config) {
    OutputTopic topic = new OutputTopic(config, config.deadLetterTopic());
    DeadLetterRecords records = new DeadLetterRecords(topic, config.scoring().payloadLimit());
    return contained(config, DEAD_LETTERS, records, topic);
  }

  private static <T> Sink<T> contained(
      JobConfig config, String name, KafkaRecordSerializationSchema<T> records, OutputTopic topic) {
    KafkaSink<T> committing = sink(config, name, records, DeliveryGuarantee.EXACTLY_ONCE);
    boolean same = config.scores().delivery() == DeliveryGuarantee.EXACTLY_ONCE;
    return new ContainedSink<>(
        same ? committing : sink(config, name, records, config.scores().delivery()),
        committing,
        topic,
        new OldTransactions(topic, same ? null : transactionalIds(config, name)));
  }

  private static String transactionalIds(JobConfig config, String name) {
    return config.job() + "-" + name;
  }

  static <T> KafkaSink<T> sink(
      JobConfig config,
      String name,
      KafkaRecordSerializationSchema<T> records,
      DeliveryGuarantee delivery) {
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder().setRecordSerializer(records).setDeliveryGuarantee(delivery);
    if (delivery == DeliveryGuarantee.EXACTLY_ONCE) {
      // A restarted job finds and ends the transactions that its last run left open by this prefix.
      sink.setTransactionalIdPrefix(transactionalIds(config, name));
    }
    return sink.setKafkaProducerConfig(producer(config, name)).build();
  }

  /** The section {@code kafka} over our defaults. */
  static Properties producer(JobConfig config, String name) {
    Properties properties = new Properties();
    properties.setProperty(
        ProducerConfig.BATCH_SIZE_CONFIG,
        name.equals(DEAD_LETTERS) ? DEAD_LETTER_BATCH_BYTES : BATCH_BYTES);
    properties.setProperty(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
    properties.putAll(config.kafka().toProperties());
    JobConfig.Scores scores = config.scores();
    if (scores.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.setProperty(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          Long.toString(scores.transactionTimeout().toMillis()));
    }
    return properties;
  }
}
