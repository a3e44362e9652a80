package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.metrics.MetricRegistryConfiguration;
import org.apache.flink.runtime.metrics.MetricRegistryImpl;
import org.apache.flink.runtime.metrics.ReporterSetup;
import org.apache.flink.runtime.metrics.filter.ReporterFilter;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.junit.jupiter.api.Test;

/** What a reporter sees, through Flink's own registry and groups. */
class ActiveVersionLabelTest {
  private static final int REFRESHES = 200;

  @Test
  void afterManyRefreshesOneSeriesOfEachSubtaskIsLive() throws Exception {
    Series series = new Series();
    MetricRegistryImpl registry =
        new MetricRegistryImpl(
            MetricRegistryConfiguration.fromConfiguration(new Configuration(), Long.MAX_VALUE),
            List.of(
                new ReporterSetup(
                    "series",
                    new MetricConfig(),
                    series,
                    ReporterFilter.getNoOpFilter(),
                    Map.of())));
    try {
      TaskManagerMetricGroup taskManager =
          TaskManagerMetricGroup.createTaskManagerMetricGroup(
              registry, "localhost", ResourceID.generate());
      List<ActiveVersionLabel> subtasks =
          List.of(subtask(taskManager), subtask(taskManager), subtask(taskManager));
      for (int refresh = 1; refresh <= REFRESHES; refresh++) {
        String version = "%06d".formatted(refresh);
        subtasks.forEach(label -> label.show(version, Runnable::run));
        assertThat(series.live.values())
            .as("after refresh %s", refresh)
            .hasSize(subtasks.size())
            .containsOnly(version);
      }
      assertThat(series.seen).hasSize(REFRESHES);
    } finally {
      registry.closeAsync().join();
    }
  }

  private static ActiveVersionLabel subtask(TaskManagerMetricGroup taskManager) {
    return new ActiveVersionLabel(
        taskManager
            .addJob(new JobID(), "ctr")
            .addTask(ExecutionAttemptID.randomId(), "source -> micro-batch")
            .getOrAddOperator("micro-batch"));
  }

  /** Metrics that are registered, with the version in their labels. */
  private static final class Series implements MetricReporter {
    private final Map<Metric, String> live = new ConcurrentHashMap<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    @Override
    public void open(MetricConfig config) {}

    @Override
    public void close() {}

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
      String version = group.getAllVariables().get("<version>");
      if (version != null) {
        live.put(metric, version);
        seen.add(version);
      }
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
      live.remove(metric);
    }
  }
}
