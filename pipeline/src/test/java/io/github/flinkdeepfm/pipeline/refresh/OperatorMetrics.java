package io.github.flinkdeepfm.pipeline.refresh;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogramStatistics;

/** The refresh metrics of the jobs of this JVM, as any metric reporter gets them. */
public final class OperatorMetrics implements MetricReporter, MetricReporterFactory {
  private static final List<Histogram> PAUSES = new CopyOnWriteArrayList<>();
  private static final List<Histogram> PREFETCHES = new CopyOnWriteArrayList<>();
  private static final List<Counter> REFUSALS = new CopyOnWriteArrayList<>();

  /** Forgets the jobs before. */
  static void reset() {
    PAUSES.clear();
    PREFETCHES.clear();
    REFUSALS.clear();
  }

  /** The longest of all subtasks' last switches, microseconds. */
  static long lastPauseMicros() {
    return last(PAUSES);
  }

  /** The longest that a subtask has waited for the last version to be ready, milliseconds. */
  static long lastPrefetchMillis() {
    return last(PREFETCHES);
  }

  /** The last 1000 values of a histogram are kept. */
  private static long last(List<Histogram> histograms) {
    return histograms.stream()
        .map(h -> ((DescriptiveStatisticsHistogramStatistics) h.getStatistics()).getValues())
        .filter(values -> values.length > 0)
        .mapToLong(values -> values[values.length - 1])
        .max()
        .orElse(0);
  }

  static long refusals() {
    return REFUSALS.stream().mapToLong(Counter::getCount).sum();
  }

  @Override
  public MetricReporter createMetricReporter(Properties properties) {
    return this;
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public void close() {}

  @Override
  public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    if (name.equals(MetricNames.SWITCH_PAUSE)) {
      PAUSES.add((Histogram) metric);
    } else if (name.equals(MetricNames.PREFETCH_TIME)) {
      PREFETCHES.add((Histogram) metric);
    } else if (name.equals(MetricNames.REFUSALS)) {
      REFUSALS.add((Counter) metric);
    }
  }

  @Override
  public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {}
}
