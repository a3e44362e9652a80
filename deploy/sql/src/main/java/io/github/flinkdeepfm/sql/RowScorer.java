package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.operators.DirectScorer;
import io.github.flinkdeepfm.operators.DirectScorer.Outcome;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.util.FlinkRuntimeException;

/** Scores rows of a model's input columns. Not thread-safe. */
final class RowScorer implements RequestBatcher.Scorer {
  private final FunctionSettings settings;
  private final DirectScorer<RowData> scorer;

  /** Loads the model; blocks. */
  RowScorer(FunctionSettings settings, FunctionContext context) throws Exception {
    this.settings = settings;
    scorer = DirectScorer.open(settings.input()::encoder, settings.scoring(), new Slot(context));
  }

  @Override
  public List<Outcome> score(List<RowData> rows) {
    return scorer.score(rows);
  }

  /**
   * What the query gets for a row.
   *
   * @throws FlinkRuntimeException if it has no score and that fails the job
   */
  @Override
  public RowData output(Outcome outcome) {
    if (!outcome.isScore() && settings.onError() == ModelOptions.OnError.FAIL) {
      throw new FlinkRuntimeException(
          "a row cannot be scored with model %s: %s: %s ('on-error'='null' gives NULL instead)"
              .formatted(outcome.modelVersion(), outcome.reason(), outcome.detail()));
    }
    return settings.output().row(outcome);
  }

  @Override
  public void close() {
    scorer.close();
  }

  private record Slot(FunctionContext context) implements DirectScorer.Slot {
    @Override
    public MetricGroup metrics() {
      return context.getMetricGroup();
    }

    @Override
    public Collection<ExternalResourceInfo> resources(String name) {
      return context.getExternalResourceInfos(name);
    }

    @Override
    public int subtask() {
      return context.getTaskInfo().getIndexOfThisSubtask();
    }

    @Override
    public Path temporary() {
      return Path.of(System.getProperty("java.io.tmpdir"));
    }
  }
}
