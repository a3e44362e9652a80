package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What the reader has read so far.
 *
 * @param modelVersion of the last score; empty before the first
 * @param scored latency from event to score since the last call, or in all
 * @param visible latency from event to the reader, likewise
 * @param versions AUC and logloss of each version's scores, in the order in which they came
 * @param model AUC and logloss of all scores
 * @param best the same of the true probabilities of the same events
 */
record Progress(
    long scores,
    long deadLetters,
    String modelVersion,
    Latency scored,
    Latency visible,
    List<Version> versions,
    Quality model,
    Quality best) {

  /** Milliseconds; 0 where nothing was measured. */
  record Latency(long p50, long p99, long max) {
    static Latency of(Histogram millis) {
      return new Latency(
          millis.getValueAtPercentile(50), millis.getValueAtPercentile(99), millis.getMaxValue());
    }
  }

  /** What one version did. */
  record Version(String name, long scores, Quality model, Quality best) {}

  /** NaN before there is enough to judge. */
  record Quality(double auc, double logloss) {
    static Quality of(ProgressiveMetrics metrics) {
      return new Quality(metrics.auc(), metrics.logLoss());
    }
  }
}
