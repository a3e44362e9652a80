package io.github.flinkdeepfm.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplayProgressTest {
  @Test
  void saysWhatIsDoneAndHowFarItIs() throws Exception {
    LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    try (ReplayProgress progress = new ReplayProgress(lines::add, Duration.ofMillis(5))) {
      progress.step(); // belongs to no phase
      progress.phase("scoring", 5_000);
      for (int i = 0; i < 1_234; i++) {
        progress.step();
      }
      String line = lines.poll(10, TimeUnit.SECONDS);
      while (line != null && !line.contains("1,234")) {
        line = lines.poll(10, TimeUnit.SECONDS);
      }
      assertThat(line).startsWith("progress      scoring: 1,234 of some 5,000, ").endsWith("/s");
    }
  }
}
