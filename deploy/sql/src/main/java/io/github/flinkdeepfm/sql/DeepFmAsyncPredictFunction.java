package io.github.flinkdeepfm.sql;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.SpecializedFunction;
import org.apache.flink.table.functions.UserDefinedFunction;

/** Scores the rows that are under way at once in micro-batches. */
public final class DeepFmAsyncPredictFunction extends AsyncPredictFunction
    implements SpecializedFunction {
  private static final long serialVersionUID = 1L;

  private final FunctionSettings settings;
  private transient RequestBatcher requests;

  DeepFmAsyncPredictFunction(FunctionSettings settings) {
    this.settings = settings;
  }

  @Override
  public UserDefinedFunction specialize(SpecializedContext context) {
    return new DeepFmAsyncPredictFunction(settings.of(context.getCallContext()));
  }

  @Override
  public void open(FunctionContext context) throws Exception {
    super.open(context);
    requests =
        new RequestBatcher(
            new RowScorer(settings, context),
            Math.min(settings.scoring().batchRows(), settings.maxConcurrent()),
            settings.scoring().lingerMillis());
  }

  @Override
  public CompletableFuture<Collection<RowData>> asyncPredict(RowData row) {
    return requests.add(row);
  }

  @Override
  public void close() throws Exception {
    if (requests != null) {
      requests.close();
    }
    super.close();
  }
}
