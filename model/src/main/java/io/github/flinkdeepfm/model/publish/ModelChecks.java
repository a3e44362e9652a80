package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.serving.EncodingCheck;
import io.github.flinkdeepfm.model.serving.ParityCheck;
import io.github.flinkdeepfm.model.serving.ParityReport;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a model has to pass beyond the shapes and values of its tensors.
 *
 * @param model runs the parity sample of the model; empty if there is none
 * @param encoding reads {@code features.json} and runs the parity sample of the encoding; empty if
 *     there is none
 */
public record ModelChecks(
    Function<ModelDirectory, Optional<ParityReport>> model,
    Function<ModelDirectory, Optional<ParityReport>> encoding) {

  /** The checks on the path that serves. */
  public static ModelChecks standard() {
    return new ModelChecks(ParityCheck::run, ModelChecks::runEncoding);
  }

  private static Optional<ParityReport> runEncoding(ModelDirectory directory) {
    try (ServingModel serving = ServingModel.open(directory.path())) {
      return EncodingCheck.run(directory.path(), serving);
    }
  }
}
