package io.github.flinkdeepfm.pipeline.format;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.ScoredEvent.Timing;
import org.junit.jupiter.api.Test;

class TimingTextTest {
  private final TimingText text = new TimingText();

  @Test
  void writesQueueBatchAndScoring() {
    assertThat(write(new Timing(12, 3, 0.41f))).isEqualTo("12,3,0.41");
  }

  @Test
  void anUnknownQueueIsMinusOne() {
    assertThat(write(new Timing(-1, 0, 2f))).isEqualTo("-1,0,2.0");
  }

  @Test
  void eachMicroBatchHasItsOwnScoringTime() {
    write(new Timing(1, 1, 0.5f));
    assertThat(write(new Timing(1, 1, 0.25f))).isEqualTo("1,1,0.25");
    assertThat(write(new Timing(2, 1, 0.25f))).isEqualTo("2,1,0.25");
  }

  private String write(Timing timing) {
    return new String(text.write(timing), US_ASCII);
  }
}
