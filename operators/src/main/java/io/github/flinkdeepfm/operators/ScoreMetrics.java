package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.EnumMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Metrics of the scoring operator; see {@link MetricNames}. */
final class ScoreMetrics {
  private static final int WINDOW = 1000;

  private final Counter scores;
  private final Histogram scoringTime;
  private final Histogram latency;
  private final Map<DeadLetterReason, Counter> deadLetters = new EnumMap<>(DeadLetterReason.class);

  ScoreMetrics(MetricGroup group) {
    scores = group.counter(MetricNames.SCORES);
    scoringTime =
        group.histogram(MetricNames.SCORING_TIME, new DescriptiveStatisticsHistogram(WINDOW));
    latency = group.histogram(MetricNames.LATENCY, new DescriptiveStatisticsHistogram(WINDOW));
    for (DeadLetterReason reason : DeadLetterReason.values()) {
      deadLetters.put(
          reason,
          group.addGroup(MetricNames.REASON, reason.name()).counter(MetricNames.DEAD_LETTERS));
    }
  }

  void batch(long nanos) {
    scoringTime.update(nanos / 1000);
  }

  void score(long now, long recordTimestamp) {
    scores.inc();
    if (recordTimestamp != RawEvent.NO_TIMESTAMP) {
      latency.update(now - recordTimestamp);
    }
  }

  void deadLetter(DeadLetterReason reason) {
    deadLetters.get(reason).inc();
  }
}
