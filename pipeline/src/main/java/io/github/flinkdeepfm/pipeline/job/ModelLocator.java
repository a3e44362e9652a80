package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the version that a job starts with; done once, at submission. */
public final class ModelLocator {
  private ModelLocator() {}

  /**
   * The version asked for, else the pinned one, else the newest; or the fixed directory.
   *
   * @param version overrides {@code model.pin}; only with a model root
   * @throws InvalidModelException if there is no such version or it cannot be loaded
   */
  public static ModelLocation locate(JobConfig.Model model, Optional<String> version) {
    if (model.root().isPresent()) {
      return ModelLocation.inRoot(
          model.root().get(), version.or(model::pin), model.refresh().storageTimeout().toMillis());
    }
    if (version.isPresent()) {
      throw new InvalidModelException(
          "expected model.root for a version to choose, got model.directory and version "
              + version.get());
    }
    return ModelLocation.inDirectory(model.directory().orElseThrow());
  }

  /**
   * A directory with or without a manifest.
   *
   * @throws InvalidModelException if it cannot be loaded
   */
  public static ModelLocation directory(Path directory) {
    return ModelLocation.inDirectory(directory);
  }
}
