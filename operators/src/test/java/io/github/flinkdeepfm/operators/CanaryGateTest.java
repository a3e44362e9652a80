package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CanaryGateTest {
  private static final Canary LIMITS = new Canary(1, 0.25, 0.1);

  private static double[] scores(long seed, double mean, double deviation) {
    Random random = new Random(seed);
    return random.doubles(5_000, -1, 1).map(u -> mean + deviation * u).toArray();
  }

  private static Optional<String> check(Canary limits, double[] active, double[] next) {
    return CanaryGate.fault(limits, CanaryGate.compare(active, next));
  }

  @Test
  void letsTheSameDistributionThrough() {
    assertThat(check(LIMITS, scores(1, 0.5, 0.3), scores(2, 0.5, 0.3))).isEmpty();
    assertThat(check(LIMITS, new double[0], new double[0])).isEmpty();
  }

  @Test
  void refusesAShiftOfTheMeanWithTheFigures() {
    assertThat(check(new Canary(1, 1e9, 0.1), scores(1, 0.4, 0.1), scores(2, 0.6, 0.1)))
        .get()
        .asString()
        .contains("5000 live events", "mean shift up to 0.1", "0 without", "mean shift 0.1987");
  }

  @Test
  void refusesAnotherDistributionOfTheSameMean() {
    double[] narrow = scores(1, 0.5, 0.05);
    double[] wide = scores(2, 0.5, 0.4);
    assertThat(check(LIMITS, wide, narrow)).get().asString().contains("PSI ");
  }

  @Test
  void refusesOneScoreThatIsNotANumber() {
    double[] next = scores(1, 0.5, 0.3);
    next[17] = Double.NaN;
    assertThat(check(LIMITS, scores(1, 0.5, 0.3), next))
        .get()
        .asString()
        .contains("got 1 without a finite score");
  }
}
