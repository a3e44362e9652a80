package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.util.Properties;
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
  private KafkaSinks() {}

  static KafkaSink<ScoredEvent> scores(JobConfig config) {
    return sink(
        config,
        "scores",
        new ScoreRecords(config.scores().topic(), config.scoring().event().copy()));
  }

  static KafkaSink<DeadLetter> deadLetters(JobConfig config) {
    return sink(
        config,
        "dead-letters",
        new DeadLetterRecords(config.deadLetterTopic(), config.scoring().payloadLimit()));
  }

  static <T> KafkaSink<T> sink(
      JobConfig config, String name, KafkaRecordSerializationSchema<T> records) {
    JobConfig.Scores scores = config.scores();
    Properties properties = config.kafka().toProperties();
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder().setRecordSerializer(records).setDeliveryGuarantee(scores.delivery());
    if (scores.delivery() == DeliveryGuarantee.EXACTLY_ONCE) {
      properties.setProperty(
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
          Long.toString(scores.transactionTimeout().toMillis()));
      // A restarted job finds and ends the transactions that its last run left open by this prefix.
      sink.setTransactionalIdPrefix(config.job() + "-" + name);
    }
    return sink.setKafkaProducerConfig(properties).build();
  }
}
