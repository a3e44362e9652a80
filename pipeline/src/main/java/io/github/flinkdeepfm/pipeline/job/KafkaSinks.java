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

  /** A micro-batch's scores come at once: Kafka's own 5 ms only make them late. */
  private static final String LINGER_MILLIS = "1";

  private KafkaSinks() {}

  static Sink<ScoredEvent> scores(JobConfig config) {
    String topic = config.scores().topic();
    return sink(
        config,
        "scores",
        new ScoreRecords(topic, new RecordTime(config, topic), config.scoring().event().copy()));
  }

  static Sink<DeadLetter> deadLetters(JobConfig config) {
    String topic = config.deadLetterTopic();
    return sink(
        config,
        "dead-letters",
        new DeadLetterRecords(
            topic, new RecordTime(config, topic), config.scoring().payloadLimit()));
  }

  static <T> Sink<T> sink(
      JobConfig config, String name, KafkaRecordSerializationSchema<T> records) {
    KafkaSink<T> exactlyOnce = sink(config, name, records, DeliveryGuarantee.EXACTLY_ONCE);
    return config.scores().delivery() == DeliveryGuarantee.EXACTLY_ONCE
        ? exactlyOnce
        : new AtLeastOnceSink<>(
            sink(config, name, records, config.scores().delivery()), exactlyOnce);
  }

  private static <T> KafkaSink<T> sink(
      JobConfig config,
      String name,
      KafkaRecordSerializationSchema<T> records,
      DeliveryGuarantee delivery) {
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder().setRecordSerializer(records).setDeliveryGuarantee(delivery);
    if (delivery == DeliveryGuarantee.EXACTLY_ONCE) {
      // A restarted job finds and ends the transactions that its last run left open by this prefix.
      sink.setTransactionalIdPrefix(config.job() + "-" + name);
    }
    return sink.setKafkaProducerConfig(producer(config)).build();
  }

  /** The section {@code kafka} over our defaults. */
  static Properties producer(JobConfig config) {
    Properties properties = new Properties();
    properties.setProperty(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
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
