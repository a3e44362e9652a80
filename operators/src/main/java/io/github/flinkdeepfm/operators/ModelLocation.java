package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelRoot;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One version of a model: the one that a job starts with, found once, at submission.
 *
 * @param root where its other versions are; empty for a fixed directory
 * @param directory the version's own; an absolute path if it is local
 * @param requested whether it was asked for by name, and so counts more than restored state
 */
public record ModelLocation(
    Optional<String> root, String directory, String version, boolean requested) {

  /**
   * A directory with or without a manifest.
   *
   * @throws InvalidModelException if it cannot be loaded
   */
  public static ModelLocation inDirectory(Path directory) {
    return checked(Optional.empty(), ModelDirectory.open(directory), false);
  }

  /**
   * As {@link #inDirectory(Path)}, of a path that a user wrote.
   *
   * @throws InvalidModelException also if it is a URI
   */
  public static ModelLocation inDirectory(String directory) {
    if (isRemote(directory)) {
      throw new InvalidModelException("expected a path on a mounted file system, got " + directory);
    }
    return inDirectory(Path.of(directory).toAbsolutePath().normalize());
  }

  /**
   * A version of a root: the one asked for, else what {@code control.json} pins, else the newest.
   *
   * @param storageTimeoutMillis most time that a storage may take to answer
   * @throws InvalidModelException if there is no such version or it cannot be loaded
   * @throws ModelRootUnavailableException if the storage that a URI names fails or stays silent
   */
  public static ModelLocation inRoot(
      String root, Optional<String> version, long storageTimeoutMillis) {
    if (isRemote(root)) {
      return remote(root, version, storageTimeoutMillis);
    }
    Path path = Path.of(root).toAbsolutePath().normalize();
    return checked(
        Optional.of(path.toString()), new ModelRoot(path).resolve(version), version.isPresent());
  }

  /** Whether it is a URI, for a file system of Flink's. */
  public static boolean isRemote(String location) {
    return location.matches("[A-Za-z][A-Za-z0-9+.-]+://.*");
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

  /** Not loaded here: each process fetches the version and checks it when the job starts. */
  private static ModelLocation remote(
      String root, Optional<String> version, long storageTimeoutMillis) {
    try {
      PublishedVersions versions =
          new PublishedVersions(ModelStorages.openWithPlugins(root, storageTimeoutMillis));
      Optional<String> named = version.isPresent() ? version : versions.pin();
      String name = named.isPresent() ? named.get() : newest(root, versions);
      if (!versions.exists(name)) {
        throw new InvalidModelException(root + ": expected version " + name + ", got none");
      }
      return new ModelLocation(Optional.of(root), root + "/" + name, name, version.isPresent());
    } catch (IOException e) {
      throw ModelRootUnavailableException.of(root, e);
    }
  }

  private static String newest(String root, PublishedVersions versions) throws IOException {
    List<Manifest> all = versions.list().versions();
    if (all.isEmpty()) {
      throw new InvalidModelException(root + ": expected at least one version, got none");
    }
    return all.get(all.size() - 1).version();
  }
}
