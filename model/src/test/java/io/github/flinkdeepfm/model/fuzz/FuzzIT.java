package io.github.flinkdeepfm.model.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A minute at most of what {@code mvn verify -Pfuzz} does; every run the same events and files. */
class FuzzIT {
  private static final long SEED = 1;
  private static final int EVENTS = 500_000;
  private static final int MODEL_FILES = 40_000;

  @Test
  void everyEventAndModelFileComesToWhatItMay() throws Exception {
    FuzzReport report = Fuzz.run(SEED, EVENTS, MODEL_FILES, Duration.ofSeconds(60));
    System.out.print(report.table());
    report.write(Path.of("target", "fuzz.json"));
    Fuzz.checkMemory(report);
    // On a slow machine the minute ends before the cases do.
    assertThat(report.rows())
        .allSatisfy(row -> assertThat(row.outcomes()).as(row.target()).hasSizeGreaterThan(2));
  }
}
