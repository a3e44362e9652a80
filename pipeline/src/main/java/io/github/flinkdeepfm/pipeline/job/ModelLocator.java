package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
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
      Path root = local(model.root().get());
      ModelDirectory directory = new ModelRoot(root).resolve(version.or(model::pin));
      return checked(Optional.of(root), directory, version.isPresent());
    }
    if (version.isPresent()) {
      throw new InvalidModelException(
          "expected model.root for a version to choose, got model.directory and version "
              + version.get());
    }
    return directory(local(model.directory().orElseThrow()));
  }

  /**
   * A directory with or without a manifest.
   *
   * @throws InvalidModelException if it cannot be loaded
   */
  public static ModelLocation directory(Path directory) {
    return checked(Optional.empty(), ModelDirectory.open(directory), false);
  }

  /** Loads it once here, so that a broken model is refused before a job starts. */
  private static ModelLocation checked(
      Optional<Path> root, ModelDirectory directory, boolean requested) {
    if (directory.config().kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new InvalidModelException(
          directory.path()
              + ": expected a SimpleDeepFMNN to score, got "
              + directory.config().kind());
    }
    FeaturesConfigReader.read(directory);
    directory.load().close();
    return new ModelLocation(root, directory.path(), directory.version(), requested);
  }

  private static Path local(String location) {
    if (location.matches("[A-Za-z][A-Za-z0-9+.-]+://.*")) {
      throw new InvalidModelException("expected a path on a mounted file system, got " + location);
    }
    return Path.of(location).toAbsolutePath().normalize();
  }
}
