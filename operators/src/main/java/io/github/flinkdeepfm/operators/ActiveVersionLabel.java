package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.concurrent.Executor;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * The active version's name as a label of a metric, for reporters that take no text as a value. At
 * a switch the metric of the version before is unregistered: Flink can do that only for all that is
 * in a group, so the group is one of its own.
 */
final class ActiveVersionLabel {
  private final MetricGroup operator;
  private volatile String active;
  private String shown;
  private MetricGroup model;

  /**
   * @param operator the operator's own group
   */
  ActiveVersionLabel(MetricGroup operator) {
    this.operator = operator;
  }

  /**
   * Shows a version, the last one if there are several.
   *
   * @param elsewhere where metrics are registered, which takes longer than a batch may wait
   */
  void show(String version, Executor elsewhere) {
    active = version;
    elsewhere.execute(this::update);
  }

  private synchronized void update() {
    String version = active;
    if (version.equals(shown)) {
      return;
    }
    if (model instanceof AbstractMetricGroup<?> before) {
      before.close();
    }
    model = operator.addGroup(MetricNames.MODEL);
    model.addGroup(MetricNames.VERSION, version).gauge(MetricNames.ACTIVE, new OwnGauge<>(() -> 1));
    shown = version;
  }
}
