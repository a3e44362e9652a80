package io.github.flinkdeepfm.operators;

import java.util.function.Supplier;
import org.apache.flink.metrics.Gauge;

/**
 * A gauge that is an object of its own, which a lambda that captures nothing is not: most of
 * Flink's reporters keep metrics by the object, so that one for all subtasks of a TaskManager would
 * be one series, and none once one of them ends.
 */
final class OwnGauge<T> implements Gauge<T> {
  private final Supplier<T> value;

  OwnGauge(Supplier<T> value) {
    this.value = value;
  }

  @Override
  public T getValue() {
    return value.get();
  }
}
