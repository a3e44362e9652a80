package io.github.flinkdeepfm.model.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Some seconds of what {@code mvn verify -Pfuzz} does: work is bounded by an event's bytes. */
class StepsTest {
  private static final int CASES = 150;
  private static final long SEED = 1;

  @TempDir Path folder;

  @Test
  void hostileEventsTakeNoMoreStepsThanTheirBytesAllow() throws Exception {
    FuzzRun run = new FuzzRun(SEED);
    SteppingLoader.targets(folder, SEED).forEach(target -> run.add(target, CASES));
    FuzzReport report = run.run(Duration.ofMinutes(2));
    assertThat(report.rows())
        .allSatisfy(row -> assertThat(row.outcomes()).as(row.target()).hasSizeGreaterThan(2));
  }
}
