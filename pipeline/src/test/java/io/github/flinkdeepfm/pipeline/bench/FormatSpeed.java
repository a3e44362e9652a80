package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventFormat;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import io.github.flinkdeepfm.model.serving.EventDecoders;
import io.github.flinkdeepfm.pipeline.DefaultLayout;
import io.github.flinkdeepfm.pipeline.demo.DemoClicks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Decoding the same clicks from Avro and Protobuf in the default layout, beside each format's own
 * generic reader, whose record is then walked through: every value is looked at, no column made.
 */
final class FormatSpeed {
  private static final int BATCH = 1024;
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  private final DemoClicks clicks;
  private final ObjectMapper mapper = new ObjectMapper();
  private final DecodedEvent decoded = new DecodedEvent();
  private final List<byte[]> avros = new ArrayList<>();
  private final List<byte[]> protobufs = new ArrayList<>();
  private final Descriptor message =
      ProtobufSchema.message(EventSchemas.descriptors(), EventSchemas.MESSAGE);
  private final GenericDatumReader<GenericRecord> generic;
  private BinaryDecoder binary;
  private double seen;

  /**
   * @param clicks a number of whole batches
   */
  FormatSpeed(DemoClicks clicks) throws Exception {
    this.clicks = clicks;
    Schema schema = new Schema.Parser().parse(EventSchemas.avro());
    for (byte[] event : clicks.events()) {
      avros.add(DefaultLayout.avro(mapper.readTree(event), schema));
      protobufs.add(DefaultLayout.protobuf(mapper.readTree(event), message));
    }
    generic = new GenericDatumReader<>(schema);
  }

  void measure(BenchReport report) throws Exception {
    EventFormat avro = new EventFormat.Avro(EventSchemas.avro(), RegistrySettings.NONE);
    EventFormat protobuf =
        new EventFormat.Protobuf(
            EventSchemas.descriptors(), EventSchemas.MESSAGE, RegistrySettings.NONE);
    SideBySide rounds = new SideBySide(5, 1_000_000_000L, 300_000_000L);
    report.add(
        rounds
            .compare(
                "decode.avro",
                "events/s",
                BATCH,
                ours(avro, avros),
                "GenericDatumReader",
                call -> batch(avros, call).forEach(this::walkRecord))
            .withNote(note(avros)));
    report.add(
        rounds
            .compare(
                "decode.protobuf",
                "events/s",
                BATCH,
                ours(protobuf, protobufs),
                "DynamicMessage",
                call -> batch(protobufs, call).forEach(this::walkMessage))
            .withNote(note(protobufs)));
    if (seen == 0) {
      throw new IllegalStateException("expected events to be read, got none");
    }
  }

  private static String note(List<byte[]> events) {
    return String.format(
        Locale.ROOT,
        "events of %.0f bytes on average",
        events.stream().mapToInt(event -> event.length).average().orElseThrow());
  }

  private static List<byte[]> batch(List<byte[]> events, int call) {
    int from = call % (events.size() / BATCH) * BATCH;
    return events.subList(from, from + BATCH);
  }

  /** Checked first: the columns are those of the JSON events. */
  private SideBySide.Side ours(EventFormat format, List<byte[]> events) throws Exception {
    EventDecoder decoder =
        EventDecoders.of(
            EventMapping.DEFAULT.withFormat(format), clicks.features(), clicks.model());
    FeatureBatch batch = decoder.newBatch();
    SideBySide.Side side =
        call -> {
          batch.clear();
          for (byte[] event : batch(events, call)) {
            decoder.decode(event, batch, decoded);
          }
          seen += batch.toKeyedJaggedTensor().offsets().length;
        };
    side.run(0);
    List<Map<String, Object>> json = new ArrayList<>();
    for (byte[] event : batch(clicks.events(), 0)) {
      json.add(mapper.readValue(event, MAP));
    }
    new MapColumns(clicks.features(), clicks.model()).requireSame(json, batch);
    return side;
  }

  private void walkRecord(byte[] event) {
    try {
      binary = DecoderFactory.get().binaryDecoder(event, binary);
      GenericRecord record = generic.read(null, binary);
      for (Object value : ((Map<?, ?>) record.get("dense")).values()) {
        seen += value == null ? 0 : (Double) value;
      }
      for (Object bag : ((Map<?, ?>) record.get("sparse")).values()) {
        seen += ((GenericData.Array<?>) bag).size();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void walkMessage(byte[] event) {
    try {
      Message record = DynamicMessage.parseFrom(message, event);
      FieldDescriptor dense = message.findFieldByName("dense");
      FieldDescriptor value = dense.getMessageType().findFieldByName("value");
      for (Object entry : (List<?>) record.getField(dense)) {
        seen += (Double) ((Message) entry).getField(value);
      }
      for (Object entry : (List<?>) record.getField(message.findFieldByName("sparse"))) {
        seen += ((Message) entry).getAllFields().size();
      }
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(e);
    }
  }
}
