package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.kernel.NativeMemory;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.Set;
import java.util.concurrent.Executor;
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
  private final Histogram prefetch;
  private final Histogram pause;
  private final Counter rowsApplied;
  private final ActiveVersionLabel version;
  private final AbsentFeatures absent;

  /**
   * @param allowAbsent features whose absence is not counted
   */
  BatchMetrics(
      MetricGroup group, Supplier<? extends MicroBatcher<?>> batcher, Set<String> allowAbsent) {
    events = group.counter(MetricNames.EVENTS);
    batches = group.counter(MetricNames.BATCHES);
    ids = group.counter(MetricNames.IDS);
    rows = group.histogram(MetricNames.BATCH_ROWS, new DescriptiveStatisticsHistogram(WINDOW));
    prefetch =
        group.histogram(MetricNames.PREFETCH_TIME, new DescriptiveStatisticsHistogram(WINDOW));
    pause = group.histogram(MetricNames.SWITCH_PAUSE, new DescriptiveStatisticsHistogram(WINDOW));
    rowsApplied = group.counter(MetricNames.ROWS_APPLIED);
    group.gauge(
        MetricNames.BYTES_MAPPED,
        (Gauge<Long>) () -> batcher.get().batch().model.model().weights().mappedBytes());
    group.gauge(MetricNames.CUT_BAGS, (Gauge<Long>) () -> batcher.get().cutBags());
    group.gauge(MetricNames.UNKNOWN_FIELDS, (Gauge<Long>) () -> batcher.get().unknownFields());
    group.gauge(MetricNames.EARLY_TIMES, (Gauge<Long>) () -> batcher.get().earlyTimes());
    group.gauge(
        MetricNames.ACTIVE_VERSION,
        (Gauge<String>) () -> batcher.get().batch().model.model().version());
    group.gauge(MetricNames.NATIVE_BYTES, new OwnGauge<>(NativeMemory::bytes));
    group.gauge(MetricNames.NATIVE_BYTES_MAX, new OwnGauge<>(NativeMemory::maxBytes));
    version = new ActiveVersionLabel(group);
    absent = new AbsentFeatures(group, allowAbsent);
    active(batcher.get().batch().model.model(), Runnable::run);
  }

  /** From the loading thread too: each slot has one version under way at a time. */
  void prefetched(long nanos) {
    prefetch.update(nanos / 1_000_000);
  }

  /** A version has become active. */
  void active(ServingModel model, Executor elsewhere) {
    version.show(model.version(), elsewhere);
    absent.show(model.features(), elsewhere);
  }

  void switched(long nanos, long rows) {
    pause.update(nanos / 1_000);
    rowsApplied.inc(rows);
  }

  void event() {
    events.inc();
  }

  void batch(MicroBatch<?> batch) {
    batches.inc();
    ids.inc(batch.features.totalIds());
    rows.update(batch.rows());
    absent.add(batch.features);
  }
}
