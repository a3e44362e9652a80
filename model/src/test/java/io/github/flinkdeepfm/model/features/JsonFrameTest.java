package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.registry.Framing;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** JSON behind the frame of a registry's serializer: the event without it, to the last detail. */
class JsonFrameTest {
  private static final List<String> EVENTS =
      List.of(
          "{\"event_id\":\"a\",\"label\": 1 ,\"dense\":{\"d\":1.5},\"sparse\":{\"s\":[3,4]}}",
          " {\"label\":\"\\u0041\",\"dense\":{\"d\":2},\"sparse\":{\"s\":\"\\u0037\"}} ",
          "{\"dense\":{\"d\":1},\"x\":[{\"é\":\"ü\"}]}",
          "{\"dense\":{\"d\":NaN}}",
          "{\"dense\":{}}",
          "{",
          "[1]",
          " ");

  @TempDir Path dir;

  private EventDecoder decoder(EventFormat.Json format) {
    ModelConfig model = Events.model(1, false, 10, "s");
    FeaturesConfig features =
        Events.features(
            dir,
            model,
            "{\"dense\":[{\"name\":\"d\"}],\"sparse\":[{\"name\":\"s\",\"encoding\":\"hash\"}]}");
    return new JsonEventDecoder(EventMapping.DEFAULT, format, features, model);
  }

  private static byte[] framed(Framing framing, long id, String event) {
    byte[] json = Events.utf8(event);
    ByteBuffer bytes = ByteBuffer.allocate(framing.length() + json.length).put((byte) 0);
    if (framing == Framing.APICURIO_V2) {
      bytes.putLong(id);
    } else {
      bytes.putInt((int) id);
    }
    return bytes.put(json).array();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aFramedEventIsTheEventBehindTheFrame(Framing framing) {
    EventDecoder plain = decoder(new EventFormat.Json(Framing.NONE, false));
    for (boolean mayLackFrame : new boolean[] {false, true}) {
      EventDecoder decoder = decoder(new EventFormat.Json(framing, mayLackFrame));
      for (String event : EVENTS) {
        for (long id : new long[] {0, 2, 0x7B7B7B7B, 0xC3000AFFL}) {
          assertThat(Twin.of(decoder, framed(framing, id, event)))
              .as(event)
              .isEqualTo(Twin.of(plain, Events.utf8(event)));
        }
      }
    }
  }

  @Test
  void anEventWithoutTheFrameIsMalformedUnlessItMayLackIt() {
    EventDecoder strict = decoder(new EventFormat.Json(Framing.CONFLUENT, false));
    EventDecoder lines = decoder(new EventFormat.Json(Framing.CONFLUENT, true));
    EventDecoder plain = decoder(new EventFormat.Json(Framing.NONE, false));
    for (String event : EVENTS) {
      assertThat(Twin.of(strict, Events.utf8(event)).reason())
          .isEqualTo(DeadLetterReason.MALFORMED);
      assertThat(Twin.of(lines, Events.utf8(event))).isEqualTo(Twin.of(plain, Events.utf8(event)));
    }
    List<DeadLetterReason> reasons = new ArrayList<>();
    for (byte[] value : new byte[][] {null, {}, {0, 0, 0}, {0, 0, 0, 0, 2}}) {
      reasons.add(Twin.of(strict, value).reason());
    }
    assertThat(reasons)
        .containsExactly(
            DeadLetterReason.TOMBSTONE,
            DeadLetterReason.EMPTY,
            DeadLetterReason.MALFORMED,
            DeadLetterReason.EMPTY);
  }

  @Test
  void aDetailCountsBytesFromTheValuesBeginning() {
    EventDecoder decoder = decoder(new EventFormat.Json(Framing.CONFLUENT, false));
    byte[] value = framed(Framing.CONFLUENT, 7, " {\"dense\":{\"d\":NaN}}");
    RejectedEventException e =
        catchThrowableOfType(
            RejectedEventException.class,
            () -> decoder.decode(value, decoder.newBatch(), new DecodedEvent()));
    assertThat(e.detail()).contains("got NaN (byte 20): ");
    assertThat(new String(value, 20, 3, US_ASCII)).isEqualTo("NaN");
  }
}
