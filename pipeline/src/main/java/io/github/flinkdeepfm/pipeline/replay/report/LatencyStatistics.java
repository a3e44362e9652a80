package io.github.flinkdeepfm.pipeline.replay.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Latency of the recorded run by stage, in milliseconds, to 3 digits. */
final class LatencyStatistics {
  private static final double MICROS = 1000;

  /** Some 11 days. What is longer counts as this: clocks and event times are input. */
  private static final long LONGEST_MICROS = 1_000_000_000_000L;

  private static final double[] PERCENTILES = {50, 90, 99, 99.9};

  private final Map<String, Histogram> stages = new LinkedHashMap<>();
  private long rows;

  LatencyStatistics() {
    List.of("queue", "batch", "score", "sink", "total")
        .forEach(stage -> stages.put(stage, new Histogram(3)));
  }

  /**
   * @param rows of which the stage is known
   * @param unknown rows without it
   */
  record Stage(
      String stage,
      long rows,
      long unknown,
      double mean,
      double p50,
      double p90,
      double p99,
      double p999,
      double max) {}

  void add(ReplayRow.Latency latency) {
    rows++;
    record("queue", latency.queue());
    record("batch", latency.batch());
    record("score", latency.score());
    record("sink", latency.sink());
    // Written so that NaN is unknown too.
    if (latency.queue() >= 0
        && latency.batch() >= 0
        && latency.score() >= 0
        && latency.sink() >= 0) {
      record("total", latency.queue() + latency.batch() + latency.score() + latency.sink());
    }
  }

  private void record(String stage, double millis) {
    if (millis >= 0) {
      stages.get(stage).recordValue(Math.min(LONGEST_MICROS, Math.round(millis * MICROS)));
    }
  }

  /** By stage; a stage of which nothing is known has rows 0. */
  List<Stage> facts() {
    List<Stage> facts = new ArrayList<>();
    stages.forEach(
        (stage, histogram) -> {
          long known = histogram.getTotalCount();
          double[] p = new double[PERCENTILES.length];
          for (int i = 0; i < p.length; i++) {
            p[i] = millis(known, histogram.getValueAtPercentile(PERCENTILES[i]));
          }
          facts.add(
              new Stage(
                  stage,
                  known,
                  rows - known,
                  millis(known, histogram.getMean()),
                  p[0],
                  p[1],
                  p[2],
                  p[3],
                  millis(known, histogram.getMaxValue())));
        });
    return facts;
  }

  private static double millis(long known, double micros) {
    return known == 0 ? Double.NaN : micros / MICROS;
  }
}
