package io.github.flinkdeepfm.operators;

import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Metrics of the micro-batch operator; see {@link MetricNames}. */
final class BatchMetrics {
  private static final int WINDOW = 1000;

  private final Counter events;
  private final Counter batches;
  private final Counter ids;
  private final Histogram rows;

  BatchMetrics(MetricGroup group, MicroBatcher batcher, Supplier<String> version) {
    events = group.counter(MetricNames.EVENTS);
    batches = group.counter(MetricNames.BATCHES);
    ids = group.counter(MetricNames.IDS);
    rows = group.histogram(MetricNames.BATCH_ROWS, new DescriptiveStatisticsHistogram(WINDOW));
    group.gauge(MetricNames.CUT_BAGS, (Gauge<Long>) batcher::cutBags);
    group.gauge(MetricNames.UNKNOWN_FIELDS, (Gauge<Long>) batcher::unknownFields);
    group.gauge(MetricNames.ACTIVE_VERSION, (Gauge<String>) version::get);
  }

  void event() {
    events.inc();
  }

  void batch(MicroBatch batch) {
    batches.inc();
    ids.inc(batch.features.totalIds());
    rows.update(batch.rows());
  }
}
