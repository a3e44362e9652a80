package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/** Metrics of the coordinator; see {@link MetricNames}. */
final class CoordinatorMetrics {
  private final Counter refreshes;
  private final Map<RefusalReason, Counter> refusals = new EnumMap<>(RefusalReason.class);

  CoordinatorMetrics(
      MetricGroup group, Supplier<String> active, Gauge<Long> staleness, Gauge<Long> rootAge) {
    refreshes = group.counter(MetricNames.REFRESHES);
    group.gauge(MetricNames.ACTIVE_VERSION, (Gauge<String>) active::get);
    group.gauge(MetricNames.STALENESS, staleness);
    group.gauge(MetricNames.ROOT_AGE, rootAge);
    for (RefusalReason reason : RefusalReason.values()) {
      refusals.put(
          reason, group.addGroup(MetricNames.REASON, reason.name()).counter(MetricNames.REFUSALS));
    }
  }

  void refreshed() {
    refreshes.inc();
  }

  void refused(RefusalReason reason) {
    refusals.get(reason).inc();
  }
}
