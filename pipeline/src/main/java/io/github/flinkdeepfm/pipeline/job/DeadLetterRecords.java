package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.pipeline.format.DeadLetterJson;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.DefaultRecord;
import org.apache.kafka.common.record.RecordBatch;

/**
 * Dead letters as Kafka records: what {@link OutputTopic} makes of the event, cut to what the topic
 * takes. Key and headers that are together larger than an output record may carry, or than half of
 * what the topic takes, are left out; the payload gets what is left, and if that is nothing,
 * details are cut.
 */
final class DeadLetterRecords implements KafkaRecordSerializationSchema<DeadLetter> {
  private static final long serialVersionUID = 1L;
  private static final EventHeader[] NO_HEADERS = {};

  /** Room for the length of a payload that is cut, and for base64's padding. */
  private static final int CUT = 40;

  /** Most characters of a detail that has no room; each may take six bytes. */
  private static final int SHORT_DETAIL = 200;

  private final OutputTopic topic;
  private final int payloadLimit;
  private transient DeadLetterJson json;

  DeadLetterRecords(OutputTopic topic, int payloadLimit) {
    this.topic = topic;
    this.payloadLimit = payloadLimit;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext)
      throws Exception {
    topic.open(context);
    json = new DeadLetterJson();
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      DeadLetter letter, KafkaSinkContext context, Long timestamp) {
    RawEvent event = letter.event();
    long limit = topic.recordBytes();
    RawEvent kept =
        event.outputBytes() <= Math.min(ScoringSettings.DEFAULT_OUTPUT_LIMIT, limit / 2)
            ? event
            : withoutKeyAndHeaders(event);
    return topic.record(
        kept, event.timestamp(), letter.rejectedAt(), write(letter, limit - framed(kept)));
  }

  /** Returns the bytes of a record, and of the batch around it, beside its value. */
  private static long framed(RawEvent event) {
    return event.outputBytes()
        + AbstractRecords.recordBatchHeaderSizeInBytes(
            RecordBatch.CURRENT_MAGIC_VALUE, CompressionType.NONE)
        + DefaultRecord.MAX_RECORD_OVERHEAD
        + event.source().topic().length()
        + CUT; // a key may be added
  }

  private byte[] write(DeadLetter letter, long room) {
    byte[] value = json.write(letter, payloadLimit);
    if (value.length <= room) {
      return value;
    }
    byte[] payload = letter.event().value();
    int kept = payload == null ? 0 : Math.min(payload.length, payloadLimit);
    long less = (value.length - room + CUT) / 4 * 3 + 3;
    value = json.write(letter, (int) Math.max(0, kept - less));
    return value.length <= room ? value : json.write(shortened(letter), 0);
  }

  private static DeadLetter shortened(DeadLetter letter) {
    String detail = letter.detail();
    return detail.length() <= SHORT_DETAIL
        ? letter
        : new DeadLetter(
            letter.event(),
            letter.reason(),
            detail.substring(0, SHORT_DETAIL) + "…",
            letter.rejectedAt());
  }

  private static RawEvent withoutKeyAndHeaders(RawEvent event) {
    return new RawEvent(event.source(), event.timestamp(), null, event.value(), NO_HEADERS);
  }
}
