package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DenseFeature;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

/** One share for each feature of the active version, of its latest events. */
class AbsentFeaturesTest {
  private final Map<String, Gauge<?>> gauges = new HashMap<>();
  private final AbsentFeatures absent = new AbsentFeatures(new Group(""), Set.of("never"));

  /** Remembers gauges by the name of the group that they are in. */
  private final class Group extends UnregisteredMetricsGroup {
    private final String name;

    Group(String name) {
      this.name = name;
    }

    @Override
    public MetricGroup addGroup(String group) {
      return new Group(group);
    }

    @Override
    public MetricGroup addGroup(String key, String value) {
      return new Group(value);
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String metric, G gauge) {
      assertThat(metric).isEqualTo(MetricNames.ABSENT);
      gauges.put(name, gauge);
      return gauge;
    }
  }

  private static FeaturesConfig features(List<String> names) {
    return new FeaturesConfig(
        names.stream()
            .map(n -> new DenseFeature(n, "/" + n, List.of(), OptionalDouble.of(0)))
            .toList(),
        List.of());
  }

  /** Adds rows that have values of the first features only. */
  private void add(int rows, int features, int present) {
    FeatureBatch batch = new FeatureBatch(features, List.of(), false);
    for (int row = 0; row < rows; row++) {
      batch.beginRow();
      for (int column = 0; column < present; column++) {
        batch.setDense(column, 0);
      }
      batch.commitRow();
    }
    absent.add(batch);
  }

  private Object share(String feature) {
    return gauges.get(feature).getValue();
  }

  @Test
  void isTheShareOfTheLatestEvents() {
    absent.show(features(List.of("a", "b", "never")), Runnable::run);
    assertThat(gauges).containsOnlyKeys("a", "b");
    assertThat(share("a")).isEqualTo(Double.NaN);
    add(100, 3, 1);
    add(300, 3, 2);
    assertThat(share("a")).isEqualTo(0.0);
    assertThat(share("b")).isEqualTo(0.25);
    add(1_000, 3, 0);
    add(AbsentFeatures.WINDOW, 3, 0);
    assertThat(share("a")).isEqualTo(1.0);
  }

  @Test
  void anotherVersionCountsByItself() {
    absent.show(features(List.of("a", "b")), Runnable::run);
    add(10, 2, 0);
    absent.show(features(List.of("b", "c")), Runnable::run);
    assertThat(share("a")).isEqualTo(Double.NaN);
    add(10, 2, 1);
    assertThat(share("b")).isEqualTo(0.0);
    assertThat(share("c")).isEqualTo(1.0);
  }

  @Test
  void thereAreNoMoreThanSoManyGauges() {
    absent.show(features(IntStream.range(0, 1_000).mapToObj(i -> "f" + i).toList()), Runnable::run);
    assertThat(gauges).hasSize(AbsentFeatures.MAX_GAUGES);
  }

  @Test
  void namesAFewOfMany() {
    List<String> names = IntStream.range(0, 23).mapToObj(i -> "f" + i).toList();
    assertThat(AbsentFeatures.list(names)).startsWith("f0, f1, ").endsWith("f19 and 3 more");
    assertThat(AbsentFeatures.list(names.subList(0, 2))).isEqualTo("f0, f1");
  }
}
