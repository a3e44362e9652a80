package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.format.DeadLetterJson;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Dead letters as Kafka records: the event's key and headers, a timestamp by {@link RecordTime} of
 * the event record's. Key and headers that are together larger than an output record may carry are
 * left out: a dead letter that the broker refuses would stop the job.
 */
final class DeadLetterRecords implements KafkaRecordSerializationSchema<DeadLetter> {
  private static final long serialVersionUID = 1L;
  private static final EventHeader[] NO_HEADERS = {};

  private final String topic;
  private final RecordTime time;
  private final int payloadLimit;
  private transient DeadLetterJson json;

  DeadLetterRecords(String topic, RecordTime time, int payloadLimit) {
    this.topic = topic;
    this.time = time;
    this.payloadLimit = payloadLimit;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext)
      throws Exception {
    time.open(context);
    json = new DeadLetterJson(payloadLimit);
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      DeadLetter letter, KafkaSinkContext context, Long timestamp) {
    RawEvent event = letter.event();
    return OutputRecord.of(
        topic,
        fits(event) ? event : withoutKeyAndHeaders(event),
        time.of(event.timestamp(), letter.rejectedAt()),
        json.write(letter));
  }

  private static boolean fits(RawEvent event) {
    return event.outputBytes() <= ScoringSettings.DEFAULT_OUTPUT_LIMIT;
  }

  private static RawEvent withoutKeyAndHeaders(RawEvent event) {
    return new RawEvent(event.source(), event.timestamp(), null, event.value(), NO_HEADERS);
  }
}
