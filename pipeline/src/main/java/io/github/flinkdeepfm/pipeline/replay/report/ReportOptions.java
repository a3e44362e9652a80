package io.github.flinkdeepfm.pipeline.replay.report;

import java.time.Duration;
import java.util.List;

/**
 * What a report shows.
 *
 * @param thresholds of decisions on the score, each in 0 to 1
 * @param worst how many of the rows with the largest |Δlogit| are listed
 * @param window of event time in which quality is shown over time; zero chooses it from the data.
 *     It is a start: where a range has more than 256 windows, longer ones are taken
 * @param psiBins quantiles of the population stability index, at least 2
 */
public record ReportOptions(List<Double> thresholds, int worst, Duration window, int psiBins) {
  public ReportOptions {
    thresholds = List.copyOf(thresholds);
    if (!thresholds.stream().allMatch(t -> t >= 0 && t <= 1)) {
      throw new IllegalArgumentException("expected thresholds of 0 to 1, got " + thresholds);
    }
    if (worst < 0) {
      throw new IllegalArgumentException("expected worst of at least 0, got " + worst);
    }
    if (window.isNegative() || (window.toMillis() == 0 && !window.isZero())) {
      throw new IllegalArgumentException(
          "expected a window of at least 1 ms (0 chooses it), got " + window);
    }
    if (psiBins < 2) {
      throw new IllegalArgumentException("expected psi-bins of at least 2, got " + psiBins);
    }
  }

  /** A threshold of 0.5, the worst 20, windows chosen from the data, deciles. */
  public static ReportOptions defaults() {
    return new ReportOptions(List.of(0.5), 20, Duration.ZERO, 10);
  }
}
