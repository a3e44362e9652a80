package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.operators.ScoringSettings;
import java.io.Serializable;

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

  FunctionSettings withMaxConcurrent(int requests) {
    return new FunctionSettings(scoring, input, output, onError, requests);
  }
}
