package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Bytes that no serializer wrote: rejected, at once, and never anything else. */
class HostileAvroTest {
  private static final ModelConfig MODEL = Events.model(1, true, 100, "C1");
  private static final String SCHEMA =
      """
      {"type":"record","name":"R","fields":[
        {"name":"event_id","type":"string"},
        {"name":"nulls","type":{"type":"array","items":"null"}},
        {"name":"list","type":{"type":"record","name":"L","fields":[
           {"name":"next","type":["null","L"]}]}},
        {"name":"dense","type":{"type":"map","values":"double"}},
        {"name":"sparse","type":{"type":"map","values":{"type":"array","items":["long","string"]}}},
        {"name":"weights","type":{"type":"map","values":{"type":"array","items":"float"}}}]}
      """;

  private final EventDecoder decoder = decoder("/nulls", "/list");
  private final EventDecoder skipping = decoder();

  private static EventDecoder decoder(String... copy) {
    return decoderOf(SCHEMA, copy);
  }

  private static EventDecoder decoderOf(String schema, String... copy) {
    EventMapping mapping =
        new EventMapping(
            "/event_id",
            null,
            EventMapping.TimeFormat.EPOCH_MS,
            null,
            List.of(copy),
            1 << 20,
            1 << 16);
    return new AvroEventDecoder(
        mapping,
        new EventFormat.Avro(schema, RegistrySettings.NONE),
        FeaturesConfig.defaults(MODEL),
        MODEL);
  }

  /** Bytes, and longs as Avro writes them. */
  private static byte[] event(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof byte[] bytes) {
        out.writeBytes(bytes);
      } else {
        long rest = ((Number) part).longValue();
        rest = (rest << 1) ^ (rest >> 63);
        for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
          out.write((int) (rest & 0x7F | 0x80));
        }
        out.write((int) rest);
      }
    }
    return out.toByteArray();
  }

  private static final byte[] ONE = {0, 0, 0, 0, 0, 0, (byte) 0xF0, 0x3F};

  @Test
  void takesTheEventThatTheOthersAreMadeOf() {
    byte[] whole = event(1, new byte[] {'a'}, 0, 0, 1, 7, "dense_0".getBytes(), ONE, 0, 0, 0);
    assertThat(Twin.of(decoder, whole).reason()).isNull();
    assertThat(Twin.of(skipping, whole).reason()).isNull();
  }

  @Test
  void rejectsLengthsCountsAndDepthsThatAreNotThere() {
    byte[] deep = new byte[100_000];
    Arrays.fill(deep, (byte) 2); // each list has a next one
    byte[] longVarint = new byte[11];
    Arrays.fill(longVarint, (byte) 0x80);
    byte[] id = {'a'};
    List<byte[]> hostile =
        List.of(
            event(Long.MAX_VALUE, id),
            event(-1, id),
            event(1L << 33, id),
            event(longVarint),
            event(1, new byte[] {(byte) 0xFF}, 0, 0, 1, 7, "dense_0".getBytes(), ONE, 0, 0, 0),
            event(1, id, Long.MAX_VALUE),
            event(1, id, Long.MIN_VALUE, 0),
            event(1, id, 1L << 40, 0, 0),
            event(1, id, 0, deep),
            event(1, id, 0, 7),
            event(1, id, 0, 0, Long.MAX_VALUE, 1, id, ONE),
            event(1, id, 0, 0, -1, Long.MAX_VALUE, 7),
            event(1, id, 0, 0, -1, -5, 7),
            event(1, id, 0, 0, -1, 3, 7, "dense_0".getBytes(), ONE, 0, 0, 0),
            event(1, id, 0, 0, 1, 7, "dense_0".getBytes(), ONE, 0, 1, 2, "C1".getBytes(), 1, 5),
            event(1, id, 0, 0, 1, 7, "dense_0".getBytes(), ONE, 0, 0, 0, 0));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          for (byte[] event : hostile) {
            assertThat(Twin.of(decoder, event).reason())
                .as(Arrays.toString(Arrays.copyOf(event, Math.min(40, event.length))))
                .isEqualTo(DeadLetterReason.MALFORMED);
            assertThat(Twin.of(skipping, event).reason()).isEqualTo(DeadLetterReason.MALFORMED);
          }
        });
  }

  @Test
  void valuesWithoutBytesAreBoundedHoweverTheyAreNested() {
    byte[] event = event(1, new byte[] {'a'}, 0, 0);
    for (String leaf : List.of("\"null\"", record("Empty", ""))) {
      String bomb = nested(40, leaf); // 2^40 values in no byte
      String wide = nested(10, leaf); // 2^10
      for (String[] copied : new String[][] {{}, {"/x"}}) {
        assertThat(reasonInTime(decoderOf(bomb, copied), event))
            .isEqualTo(DeadLetterReason.MALFORMED);
        assertThat(reasonInTime(decoderOf(wide, copied), event))
            .isEqualTo(DeadLetterReason.MISSING_DENSE);
      }
    }
  }

  /** An event of an id and of records, {@code depth} deep, each of two of the next. */
  private static String nested(int depth, String leaf) {
    String type = leaf;
    String known = leaf.startsWith("{") ? "\"Empty\"" : leaf;
    for (int i = 0; i < depth; i++) {
      type =
          record(
              "N" + i,
              "{\"name\":\"a\",\"type\":%s},{\"name\":\"b\",\"type\":%s}".formatted(type, known));
      known = "\"N" + i + "\"";
    }
    return record(
        "Event",
        "{\"name\":\"event_id\",\"type\":\"string\"},{\"name\":\"x\",\"type\":"
            + type
            + "},"
            + "{\"name\":\"sparse\",\"type\":{\"type\":\"map\",\"values\":\"long\"}},"
            + "{\"name\":\"dense\",\"type\":{\"type\":\"map\",\"values\":\"long\"}}");
  }

  @Test
  void aSchemaCompilesInStepsThatItsTextBoundsHoweverManyWaysLeadThroughIt() {
    StringBuilder branches = new StringBuilder(record("U0", "{\"name\":\"b\",\"type\":\"W\"}"));
    for (int i = 1; i < 200; i++) {
      branches.append(',').append(record("U" + i, "{\"name\":\"b\",\"type\":\"W\"}"));
    }
    String wide =
        record(
            "Event",
            "{\"name\":\"x\",\"type\":%s}"
                .formatted(record("W", "{\"name\":\"a\",\"type\":[" + branches + "]}")));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30), () -> decoderOf(wide, "/x/a/b/a/b/a/b/a/b/a/b")); // 200^5 ways
  }

  @Test
  void refusesASchemaThatIsTooLong() {
    String doc = "{\"type\":\"record\",\"name\":\"R\",\"doc\":\"%s\",\"fields\":[]}";
    String tooLong = doc.formatted("d".repeat(4 << 20));
    assertThatThrownBy(() -> decoderOf(tooLong))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 4194304 chars");
  }

  private static String record(String name, String fields) {
    return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + fields + "]}";
  }

  private static DeadLetterReason reasonInTime(EventDecoder decoder, byte[] event) {
    return Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(10), () -> Twin.of(decoder, event).reason());
  }

  @Test
  void rejectsAMappedKeyThatAMapHasTwice() {
    byte[] twice =
        event(
            1,
            new byte[] {'a'},
            0,
            0,
            2,
            7,
            "dense_0".getBytes(),
            ONE,
            7,
            "dense_0".getBytes(),
            ONE,
            0,
            0,
            0);
    assertThat(Twin.of(decoder, twice).reason()).isEqualTo(DeadLetterReason.DUPLICATE_FIELD);
  }

  @Property(tries = 20_000)
  void neverThrowsAnythingElse(@ForAll("events") byte[] event) {
    Twin.of(decoder, event);
    Twin.of(skipping, event);
  }

  @Provide
  Arbitrary<byte[]> events() {
    byte[] start = event(1, new byte[] {'a'}, 0, 0);
    Arbitrary<byte[]> tail =
        Arbitraries.oneOf(
                Arbitraries.of(0, 1, 2, 7, -1, -3, 64, 100),
                Arbitraries.longs(),
                Arbitraries.of("dense_0", "C1", "ff", "é").map(String::getBytes),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(9))
            .list()
            .ofMaxSize(20)
            .map(parts -> event(parts.toArray()));
    return tail.map(bytes -> event(start, bytes));
  }
}
