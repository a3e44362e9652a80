package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/** What scores and dead letters have in common as Kafka records. */
final class OutputRecord {
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
}
