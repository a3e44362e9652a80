package io.github.flinkdeepfm.pipeline.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DeadLetterJsonTest {
  private static final String HEAD =
      "{\"reason\":\"NOT_JSON\",\"detail\":\"expected \\\"{\\\"\",\"source\":{\"topic\":\"events\","
          + "\"partition\":3,\"offset\":17},\"scored_at\":99,";

  @Test
  void aWholePayloadIsThereWithoutItsLength() {
    assertThat(write(new byte[] {0, (byte) 0xFF, 1, 2}, 4))
        .isEqualTo(HEAD + "\"payload\":\"AP8BAg==\"}");
  }

  @Test
  void aCutPayloadSaysHowLongItWas() {
    assertThat(write(new byte[] {0, (byte) 0xFF, 1, 2}, 3))
        .isEqualTo(HEAD + "\"payload\":\"AP8B\",\"payload_length\":4}");
  }

  @Test
  void aTombstoneHasNoPayload() {
    assertThat(write(null, 3)).isEqualTo(HEAD + "\"payload\":null}");
  }

  private static String write(byte[] value, int limit) {
    RawEvent event =
        new RawEvent(new SourceCoordinates("events", 3, 17), 5, null, value, new EventHeader[0]);
    DeadLetter letter = new DeadLetter(event, DeadLetterReason.NOT_JSON, "expected \"{\"", 99);
    return new String(new DeadLetterJson().write(letter, limit), StandardCharsets.UTF_8);
  }
}
