package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
      String root = model.root().get();
      return isRemote(root)
          ? remote(model, root, version)
          : local(Path.of(root).toAbsolutePath().normalize(), model, version);
    }
    if (version.isPresent()) {
      throw new InvalidModelException(
          "expected model.root for a version to choose, got model.directory and version "
              + version.get());
    }
    String directory = model.directory().orElseThrow();
    if (isRemote(directory)) {
      throw new InvalidModelException("expected a path on a mounted file system, got " + directory);
    }
    return directory(Path.of(directory).toAbsolutePath().normalize());
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
      Optional<String> root, ModelDirectory directory, boolean requested) {
    if (directory.config().kind() != ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      throw new InvalidModelException(
          directory.path()
              + ": expected a SimpleDeepFMNN to score, got "
              + directory.config().kind());
    }
    directory.load().close(); // first: it holds the sizes that model.json claims against the files
    FeaturesConfigReader.read(directory);
    return new ModelLocation(root, directory.path().toString(), directory.version(), requested);
  }

  private static ModelLocation local(Path root, JobConfig.Model model, Optional<String> version) {
    ModelDirectory directory = new ModelRoot(root).resolve(version.or(model::pin));
    return checked(Optional.of(root.toString()), directory, requested(model, version));
  }

  /** Not loaded here: each process fetches the version and checks it when the job starts. */
  private static ModelLocation remote(
      JobConfig.Model model, String root, Optional<String> version) {
    try {
      PublishedVersions versions =
          new PublishedVersions(
              ModelStorages.openWithPlugins(root, model.refresh().storageTimeout().toMillis()));
      Optional<String> named = version.or(model::pin);
      if (named.isEmpty()) {
        named = versions.pin();
      }
      String name = named.isPresent() ? named.get() : newest(root, versions);
      if (!versions.exists(name)) {
        throw new InvalidModelException(root + ": expected version " + name + ", got none");
      }
      return new ModelLocation(
          Optional.of(root), root + "/" + name, name, requested(model, version));
    } catch (IOException e) {
      throw new InvalidModelException(root + ": expected a readable model root, got " + e, e);
    }
  }

  /** A pin of the configuration is meant for the restored job, too. */
  private static boolean requested(JobConfig.Model model, Optional<String> version) {
    return version.isPresent() || model.pin().isPresent();
  }

  private static String newest(String root, PublishedVersions versions) throws IOException {
    List<Manifest> all = versions.list().versions();
    if (all.isEmpty()) {
      throw new InvalidModelException(root + ": expected at least one version, got none");
    }
    return all.get(all.size() - 1).version();
  }

  /** Whether it is a URI, for a file system of Flink's. */
  static boolean isRemote(String location) {
    return location.matches("[A-Za-z][A-Za-z0-9+.-]+://.*");
  }
}
