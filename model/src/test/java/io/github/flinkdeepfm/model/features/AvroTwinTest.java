package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Avro's bytes straight to columns, against Avro's own reader, JSON, and the JSON decoder. */
class AvroTwinTest {
  private static final int SCHEMAS = 300;
  private static final int EVENTS = 40;

  @TempDir Path dir;

  @Test
  void agreesOnAnUnweightedModel() throws Exception {
    check(1, false, ",\"max_length\":2", "/extra", "/x/k", "/other");
  }

  @Test
  void agreesOnAWeightedModel() throws Exception {
    check(2, true, "", "/extra");
  }

  @Test
  void agreesWherePointersAreSharedOrPrefixesOfOthers() throws Exception {
    String source = ",\"source\":\"/sparse/id\",\"weights_source\":\"/weights/id\"";
    check(3, true, source, "/x", "/dense/a", "/sparse/id", "/sparse");
  }

  @Test
  void agreesOnWhatIsOptionalInEncodings() throws Exception {
    checkOf(4, false, EventScenario.LENIENT.formatted("abs"));
    checkOf(5, true, EventScenario.LENIENT.formatted("signed"));
  }

  private void check(long seed, boolean weighted, String lastFeature, String... copy)
      throws Exception {
    checkOf(seed, weighted, EventScenario.EVERYTHING.formatted(lastFeature), copy);
  }

  private void checkOf(long seed, boolean weighted, String featuresJson, String... copy)
      throws Exception {
    EventMapping mapping =
        new EventMapping(
            "/event_id", "/event_time", TimeFormat.EPOCH_MS, "/label", List.of(copy), 3000, 12);
    ModelConfig model = Events.model(4, weighted, 100, EventScenario.ALL);
    FeaturesConfig features = Events.features(dir, model, featuresJson);
    JsonEventDecoder json = new JsonEventDecoder(mapping, features, model);
    Random random = new Random(seed);
    AvroEvents events = new AvroEvents(random);
    Map<DeadLetterReason, Integer> reasons = new EnumMap<>(DeadLetterReason.class);
    int accepted = 0;
    int damagedAccepted = 0;
    for (int i = 0; i < SCHEMAS; i++) {
      Schema schema = events.schema();
      EventFormat.Avro format = new EventFormat.Avro(schema.toString(), RegistrySettings.NONE);
      EventDecoder avro = new AvroEventDecoder(mapping, format, features, model);
      for (int j = 0; j < EVENTS; j++) {
        byte[] bytes = AvroEvents.write(schema, events.value(schema, ""), random.nextBoolean());
        Twin twin = Twin.of(avro, bytes);
        assertThat(twin)
            .as("%s", schema)
            .isEqualTo(expected(json, mapping, AvroEvents.read(schema, bytes)));
        if (twin.reason() == null) {
          accepted++;
        } else {
          reasons.merge(twin.reason(), 1, Integer::sum);
        }
        damagedAccepted += damaged(schema, bytes, random, avro, json, mapping);
      }
    }
    // Neither verdict may be so rare that the agreement says little.
    assertThat(accepted)
        .as("%s", reasons)
        .isBetween(SCHEMAS * EVENTS / 30, SCHEMAS * EVENTS * 7 / 8);
    assertThat(reasons).containsKeys(DeadLetterReason.WRONG_TYPE, DeadLetterReason.TOO_MANY_IDS);
    assertThat(damagedAccepted).isPositive();
  }

  /** Whatever is accepted of damaged bytes is what Avro's reader reads there, if it does. */
  private static int damaged(
      Schema schema,
      byte[] bytes,
      Random random,
      EventDecoder avro,
      EventDecoder json,
      EventMapping mapping) {
    byte[] damaged = damage(bytes, random);
    Twin twin = Twin.of(avro, damaged);
    if (twin.reason() != null) {
      return 0;
    }
    Object value;
    try {
      value = AvroEvents.read(schema, damaged);
    } catch (IOException | RuntimeException e) {
      return 0; // in what is passed over here
    }
    Twin expected = expected(json, mapping, value);
    if (expected.reason() != null) {
      assertThat(expected.reason()).isEqualTo(DeadLetterReason.NOT_JSON); // NaN is none
      return 0;
    }
    // A map with one unmapped key twice counts it twice, which Avro's reader cannot.
    assertThat(twin.dense()).isEqualTo(expected.dense());
    assertThat(twin.bags()).isEqualTo(expected.bags());
    assertThat(twin.weights()).isEqualTo(expected.weights());
    return 1;
  }

  static byte[] damage(byte[] bytes, Random random) {
    byte[] damaged = bytes.clone();
    switch (random.nextInt(4)) {
      case 0 -> damaged = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      case 1 -> damaged = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(3));
      default -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return damaged;
  }

  private static Twin expected(EventDecoder json, EventMapping mapping, Object value) {
    Twin twin = Twin.of(json, JsonOf.bytes(value));
    if (twin.reason() != null) {
      return twin;
    }
    List<Object> outside = Arrays.asList(twin.outside().toArray());
    Object label = JsonOf.at(value, mapping.label());
    outside.set(2, label == null ? null : JsonOf.copied(label));
    outside.set(
        3,
        mapping.copy().stream()
            .map(pointer -> JsonOf.at(value, pointer))
            .map(copied -> copied == null ? null : JsonOf.copied(copied))
            .toList());
    return new Twin(null, twin.dense(), twin.bags(), twin.weights(), outside);
  }
}
