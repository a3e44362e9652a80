package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import java.time.Duration;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** What scores and dead letters have in common as Kafka records. */
final class OutputRecord {
  /**
   * Brokers refuse records whose timestamp is more than an hour ahead ({@code
   * message.timestamp.after.max.ms}); the minute is for clocks that differ.
   */
  static final long MAX_MILLIS_AHEAD = Duration.ofMinutes(59).toMillis();

  private OutputRecord() {}

  /** A record with the event's key and headers. */
  static ProducerRecord<byte[], byte[]> of(
      String topic, RawEvent event, long timestamp, byte[] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, null, timestamp, event.key(), value);
    Headers headers = record.headers();
    for (EventHeader header : event.headers()) {
      headers.add(header.key(), header.value());
    }
    return record;
  }

  /** The time that a broker takes: {@code time}, unless it is absent, negative or far ahead. */
  static long timestamp(long time, long now) {
    return time < 0 || time > now + MAX_MILLIS_AHEAD ? now : time;
  }
}
