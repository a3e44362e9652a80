package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;

/**
 * The active version's name as a label of a metric, for reporters that take no text as a value. At
 * a switch the metric of the version before is unregistered: Flink can do that only for all that is
 * in a group, so the group is one of its own.
 */
final class ActiveVersionLabel {
  private final MetricGroup operator;
  private MetricGroup model;

  /**
   * @param operator the operator's own group
   */
  ActiveVersionLabel(MetricGroup operator) {
    this.operator = operator;
  }

  void show(String version) {
    if (model instanceof AbstractMetricGroup<?> before) {
      before.close();
    }
    model = operator.addGroup(MetricNames.MODEL);
    model
        .addGroup(MetricNames.VERSION, version)
        .gauge(MetricNames.ACTIVE, (Gauge<Integer>) () -> 1);
  }
}
