package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.serving.ParityCheck;
import io.github.flinkdeepfm.model.serving.ParityReport;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a model has to pass beyond the shapes and values of its tensors.
 *
 * @param features reads {@code features.json} against the model; throws if it has mistakes
 * @param model runs the parity sample of the model; empty if there is none
 * @param encoding runs the parity sample of the encoding; empty if there is none
 */
public record ModelChecks(
    Consumer<ModelDirectory> features,
    Function<ModelDirectory, Optional<ParityReport>> model,
    Function<ModelDirectory, Optional<ParityReport>> encoding) {

  /** The checks on the path that serves. */
  public static ModelChecks standard() {
    return new ModelChecks(directory -> {}, ParityCheck::run, directory -> Optional.empty());
  }

  /** No samples are run; for tests of other things. */
  static ModelChecks none() {
    return new ModelChecks(
        directory -> {}, directory -> Optional.empty(), directory -> Optional.empty());
  }
}
