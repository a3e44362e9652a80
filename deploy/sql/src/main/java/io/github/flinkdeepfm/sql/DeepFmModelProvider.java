package io.github.flinkdeepfm.sql;

import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.PredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;
import org.apache.flink.table.ml.PredictRuntimeProvider;

/** Gives the planner the functions that score: row by row, or many rows at once. */
final class DeepFmModelProvider implements PredictRuntimeProvider, AsyncPredictRuntimeProvider {
  private final FunctionSettings settings;

  DeepFmModelProvider(FunctionSettings settings) {
    this.settings = settings;
  }

  @Override
  public PredictFunction createPredictFunction(Context context) {
    return new DeepFmPredictFunction(settings);
  }

  @Override
  public AsyncPredictFunction createAsyncPredictFunction(Context context) {
    return new DeepFmAsyncPredictFunction(
        context
            .runtimeConfig()
            .getOptional(MLPredictRuntimeConfigOptions.ASYNC_MAX_CONCURRENT_OPERATIONS)
            .map(settings::withMaxConcurrent)
            .orElse(settings));
  }

  @Override
  public ModelProvider copy() {
    return new DeepFmModelProvider(settings);
  }
}
