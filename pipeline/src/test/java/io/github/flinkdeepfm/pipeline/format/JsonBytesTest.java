package io.github.flinkdeepfm.pipeline.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonBytesTest {
  private final JsonBytes json = new JsonBytes();

  @ParameterizedTest
  @ValueSource(
      longs = {0, 7, 9, 10, 99, 100, 1_700_000_000_123L, -1, Long.MAX_VALUE, Long.MIN_VALUE})
  void longsAreWrittenAsJavaWritesThem(long value) {
    assertThat(text(json.clear().raw("[").number(value).raw("]"))).isEqualTo("[" + value + "]");
  }

  @Test
  void floatsReadBackAsTheSameBits() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value)) {
        String text = text(json.clear().number(value));
        assertThat(Float.floatToRawIntBits(Float.parseFloat(text)))
            .as(text)
            .isEqualTo(Float.floatToRawIntBits(value));
      }
    }
  }

  private static String text(JsonBytes json) {
    return new String(json.toByteArray(), US_ASCII);
  }
}
