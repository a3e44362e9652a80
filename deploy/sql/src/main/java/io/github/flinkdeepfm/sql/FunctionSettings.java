package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.operators.ScoringSettings;
import java.io.Serializable;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.inference.CallContext;

/**
 * What the predict functions are configured with.
 *
 * @param maxConcurrent requests that may be under way at once, if a query does not say otherwise
 */
record FunctionSettings(
    ScoringSettings scoring,
    InputColumns input,
    OutputColumns output,
    ModelOptions.OnError onError,
    int maxConcurrent)
    implements Serializable {

  /**
   * With the columns of the query that calls the function.
   *
   * @throws ValidationException if one cannot be read as what the model declares
   */
  FunctionSettings of(CallContext call) {
    return new FunctionSettings(
        scoring, input.of(call.getArgumentDataTypes()), output, onError, maxConcurrent);
  }

  FunctionSettings withMaxConcurrent(int requests) {
    return new FunctionSettings(scoring, input, output, onError, requests);
  }
}
