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
  private volatile Comparison compared = Comparison.NONE;
  private final Map<RefusalReason, Counter> refusals = new EnumMap<>(RefusalReason.class);

  CoordinatorMetrics(
      MetricGroup group,
      Supplier<String> active,
      Gauge<Long> staleness,
      Gauge<Long> rootAge,
      boolean hasCanary) {
    refreshes = group.counter(MetricNames.REFRESHES);
    group.gauge(MetricNames.ACTIVE_VERSION, (Gauge<String>) active::get);
    group.gauge(MetricNames.STALENESS, staleness);
    group.gauge(MetricNames.ROOT_AGE, rootAge);
    if (hasCanary) {
      group.gauge(MetricNames.CANARY_EVENTS, (Gauge<Integer>) () -> compared.events());
      group.gauge(MetricNames.CANARY_PSI, (Gauge<Double>) () -> compared.psi());
      group.gauge(MetricNames.CANARY_MEAN_SHIFT, (Gauge<Double>) () -> compared.meanShift());
    }
    for (RefusalReason reason : RefusalReason.values()) {
      refusals.put(
          reason, group.addGroup(MetricNames.REASON, reason.name()).counter(MetricNames.REFUSALS));
    }
  }

  void compared(Comparison of) {
    compared = of;
  }

  void refreshed() {
    refreshes.inc();
  }

  void refused(RefusalReason reason) {
    refusals.get(reason).inc();
  }
}
