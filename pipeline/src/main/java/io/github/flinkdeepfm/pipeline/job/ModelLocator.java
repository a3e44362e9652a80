package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the version that a job starts with; done once, at submission. */
public final class ModelLocator {
  private ModelLocator() {}

  /**
   * @param version overrides the pin; only with a model root
   * @throws InvalidModelException if there is no such version
   */
  public static ModelLocation locate(JobConfig.Model model, Optional<String> version) {
    if (model.directory().isPresent()) {
      return directory(Path.of(model.directory().get()));
    }
    throw new UnsupportedOperationException("lands with model.checkpoint.ModelRoot");
  }

  /** A single directory; its name is its version. */
  public static ModelLocation directory(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new InvalidModelException("expected a model directory, got " + directory);
    }
    return new ModelLocation(absolute, absolute.getFileName().toString());
  }
}
