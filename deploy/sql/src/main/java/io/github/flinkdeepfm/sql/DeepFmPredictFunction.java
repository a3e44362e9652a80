package io.github.flinkdeepfm.sql;

import java.util.Collection;
import java.util.List;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.PredictFunction;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;

/** Scores each row by itself, in its task's thread. */
public final class DeepFmPredictFunction extends PredictFunction implements SpecializedFunction {
  private static final long serialVersionUID = 1L;

  private final FunctionSettings settings;
  private transient RowScorer scorer;

  DeepFmPredictFunction(FunctionSettings settings) {
    this.settings = settings;
  }

  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new DeepFmPredictFunction(settings.of(context.getCallContext()));
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    super.open(context);
    scorer = new RowScorer(settings, context);
  }

  @Override
  public Collection<RowData> predict(RowData row) {
    return List.of(scorer.output(scorer.score(List.of(row)).get(0)));
  }

  @Override
  public void close() throws Exception {
    if (scorer != null) {
      scorer.close();
    }
    super.close();
  }
}
