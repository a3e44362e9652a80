package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * The layout of a captured range: an Avro object container file of one record type, with what was
 * asked for in the file's metadata under {@value #METADATA}.
 *
 * <pre>{@code
 * {"format":1,"job":"ctr","created_at":"2026-01-31T10:00:00Z","configuration":"<SHA-256>",
 *  "topic":"events","partitions":[{"partition":0,"asked":0,"from":0,"to":1000}]}
 * }</pre>
 */
final class CaptureFile {
  static final String METADATA = "flinkdeepfm.capture";
  static final int FORMAT = 1;

  /** Which topic a record was in. */
  enum Kind {
    EVENT,
    SCORE,
    DEAD_LETTER,
    /** The last record: without it the file was cut. */
    END
  }

  private static final Schema HEADER =
      SchemaBuilder.record("Header")
          .fields()
          .requiredString("key")
          .optionalBytes("value")
          .endRecord();

  private static final Schema KIND =
      SchemaBuilder.enumeration("Kind").symbols("EVENT", "SCORE", "DEAD_LETTER", "END");

  static final Schema SCHEMA =
      SchemaBuilder.record("Captured")
          .namespace("io.github.flinkdeepfm.replay")
          .doc(
              "A Kafka record as it was; timestamp -1: none; appended: it is the broker's log-append time."
                  + " The last record, of kind END, tells in its offset how many are before it")
          .fields()
          .name("kind")
          .type(KIND)
          .noDefault()
          .requiredString("topic")
          .requiredInt("partition")
          .requiredLong("offset")
          .requiredLong("timestamp")
          .requiredBoolean("appended")
          .optionalBytes("key")
          .optionalBytes("value")
          .name("headers")
          .type()
          .array()
          .items(HEADER)
          .noDefault()
          .endRecord();

  private CaptureFile() {}

  /** The last record of a file. */
  static GenericRecord end(long records) {
    return encode(
        Kind.END,
        new RawEvent(
            new SourceCoordinates("", 0, records),
            RawEvent.NO_TIMESTAMP,
            null,
            null,
            new EventHeader[0]),
        false);
  }

  static boolean appended(GenericRecord captured) {
    return (Boolean) captured.get("appended");
  }

  static GenericRecord encode(Kind kind, RawEvent record, boolean appended) {
    GenericRecord captured = new GenericData.Record(SCHEMA);
    captured.put("kind", new GenericData.EnumSymbol(KIND, kind.name()));
    captured.put("topic", record.source().topic());
    captured.put("partition", record.source().partition());
    captured.put("offset", record.source().offset());
    captured.put("timestamp", record.timestamp());
    captured.put("appended", appended);
    captured.put("key", wrap(record.key()));
    captured.put("value", wrap(record.value()));
    List<GenericRecord> headers = new ArrayList<>();
    for (EventHeader header : record.headers()) {
      GenericRecord h = new GenericData.Record(HEADER);
      h.put("key", header.key());
      h.put("value", wrap(header.value()));
      headers.add(h);
    }
    captured.put("headers", headers);
    return captured;
  }

  static Kind kind(GenericRecord captured) {
    return Kind.valueOf(captured.get("kind").toString());
  }

  static RawEvent decode(GenericRecord captured) {
    List<?> headers = (List<?>) captured.get("headers");
    EventHeader[] copied = new EventHeader[headers.size()];
    for (int i = 0; i < copied.length; i++) {
      GenericRecord header = (GenericRecord) headers.get(i);
      copied[i] = new EventHeader(header.get("key").toString(), bytes(header.get("value")));
    }
    return new RawEvent(
        new SourceCoordinates(
            captured.get("topic").toString(),
            (Integer) captured.get("partition"),
            (Long) captured.get("offset")),
        (Long) captured.get("timestamp"),
        bytes(captured.get("key")),
        bytes(captured.get("value")),
        copied);
  }

  private static ByteBuffer wrap(byte[] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static byte[] bytes(Object value) {
    if (value == null) {
      return null;
    }
    ByteBuffer buffer = (ByteBuffer) value;
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
