package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The event time of Avro's longs, by the configured format or by their logical type. */
class AvroTimesTest {
  private static final ModelConfig MODEL = Events.model(0, false, 100, "C1");

  private static Twin event(String type, long time, TimeFormat format) {
    String text =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"event_time\",\"type\":%s}]}"
            .formatted(type);
    Schema schema = new Schema.Parser().parse(text);
    GenericData.Record record = new GenericData.Record(schema);
    record.put(0, time);
    EventMapping mapping =
        new EventMapping(null, "/event_time", format, null, List.of(), 1 << 20, 10);
    EventDecoder decoder =
        new AvroEventDecoder(
            mapping,
            new EventFormat.Avro(text, RegistrySettings.NONE),
            FeaturesConfig.defaults(MODEL),
            MODEL);
    return Twin.of(decoder, AvroEvents.write(schema, record, false));
  }

  @ParameterizedTest
  @CsvSource({
    "EPOCH_S, 1700000000, 1700000000000",
    "EPOCH_S, 253402300799, 253402300799000",
    "EPOCH_S, 253402300800,",
    "EPOCH_S, -1,",
    "EPOCH_S, -9223372036854775808,",
    "EPOCH_S, 9223372036854775807,",
    "EPOCH_S, 18446744073709552,", // times 1000 it is 384 more than 2^64
    "EPOCH_MS, 1700000000123, 1700000000123",
    "EPOCH_MS, -9223372036854775808,",
  })
  void aLongIsATimeInTheConfiguredFormat(TimeFormat format, long value, Long millis) {
    assertTime(event("\"long\"", value, format), millis);
  }

  @ParameterizedTest
  @CsvSource({
    "millis, 1700000000123, 1700000000123",
    "micros, 1700000000123999, 1700000000123",
    "nanos, 1700000000123999999, 1700000000123",
    "micros, 999, 0",
    "micros, -1,",
    "nanos, -1,",
    "nanos, -9223372036854775808,",
    "nanos, 9223372036854775807, 9223372036854",
    "micros, 9223372036854775807,",
  })
  void aTimestampIsATimeByItsUnitWhateverTheFormat(String unit, long value, Long millis) {
    String type = "{\"type\":\"long\",\"logicalType\":\"timestamp-%s\"}".formatted(unit);
    for (TimeFormat format : TimeFormat.values()) {
      assertTime(event(type, value, format), millis);
    }
  }

  private static void assertTime(Twin event, Long millis) {
    if (millis == null) {
      assertThat(event.reason()).isEqualTo(DeadLetterReason.BAD_EVENT_TIME);
    } else {
      assertThat(event.outside().get(1)).isEqualTo(millis);
    }
  }
}
