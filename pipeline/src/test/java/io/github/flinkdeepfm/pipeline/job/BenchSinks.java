package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The job's own sinks, for the jobs that it is measured beside. */
public final class BenchSinks {
  private BenchSinks() {}

  public static Sink<ScoredEvent> scores(JobConfig config) {
    return KafkaSinks.scores(config);
  }

  /** Events as they came, to the score topic. */
  public static Sink<RawEvent> events(JobConfig config) {
    return KafkaSinks.sink(
        config, "scores", new SameBytes(config.scores().topic()), config.scores().delivery());
  }

  private static final class SameBytes implements KafkaRecordSerializationSchema<RawEvent> {
    private static final long serialVersionUID = 1L;

    private final String topic;

    SameBytes(String topic) {
      this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        RawEvent event, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, null, event.timestamp(), event.key(), event.value());
    }
  }
}
