package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.FeaturesConfigReader;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.operators.ScoringSettings;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The model versions that a replay scores with: of the job's root, or its one directory. */
final class Versions {
  private final JobConfig config;
  private final Optional<ModelStorage> storage;
  private final Optional<PublishedVersions> published;

  Versions(JobConfig config) throws IOException {
    this.config = config;
    Optional<String> root = config.model().root();
    storage =
        root.isEmpty()
            ? Optional.empty()
            : Optional.of(
                ModelStorages.openWithPlugins(
                    root.get(), config.model().refresh().storageTimeout().toMillis()));
    published = storage.map(PublishedVersions::new);
  }

  /**
   * A version as a job's operators take it.
   *
   * @param name what the user calls it
   * @param directory where it can be read; empty if only Flink's file systems reach it
   */
  record Usable(String name, ScoringSettings settings, Optional<ModelDirectory> directory) {}

  /** How a version encodes events. */
  FeaturesConfig features(Usable version) throws IOException {
    return version.directory().isPresent()
        ? FeaturesConfigReader.read(version.directory().get())
        : RemoteFeatures.read(storage.orElseThrow(), published.orElseThrow(), version.name());
  }

  /** Whether the version, and every base of it, is there. */
  boolean exists(String version) throws IOException {
    if (published.isEmpty()) {
      return fixed().version().equals(version);
    }
    Optional<String> next = Optional.of(version);
    for (int depth = 0; next.isPresent() && depth <= ModelDirectory.MAX_DELTAS; depth++) {
      if (!published.get().exists(next.get())) {
        return false;
      }
      next = published.get().manifest(next.get()).base();
    }
    return next.isEmpty();
  }

  /**
   * A version that is there. Its checksums are compared, here or when a job fetches it.
   *
   * @throws InvalidModelException if it cannot be used
   */
  Usable get(String version) {
    if (published.isEmpty()) {
      return directory(version, fixed().path());
    }
    JobConfig pinned = config.pinned(version);
    ModelLocation location = ModelLocator.locate(pinned.model(), Optional.empty());
    Path path = Path.of(location.directory());
    Optional<ModelDirectory> directory =
        Files.isDirectory(path) ? Optional.of(ModelDirectory.open(path)) : Optional.empty();
    directory.ifPresent(ModelDirectory::verifyChecksums);
    return new Usable(version, ScoringJob.settings(pinned, location), directory);
  }

  /**
   * What the user named: a model directory, or a version of the root.
   *
   * @throws InvalidModelException if it is neither
   */
  Usable require(String name) throws IOException {
    Path path = Path.of(name);
    if (Files.exists(path.resolve(ModelDirectory.MODEL))
        || Files.exists(path.resolve(ModelDirectory.MANIFEST))) {
      return directory(name, path);
    }
    if (!exists(name)) {
      List<String> names =
          published.isEmpty()
              ? List.of(fixed().version())
              : published.get().list().versions().stream().map(Manifest::version).toList();
      throw new InvalidModelException(
          "expected a model directory or one of the versions " + names + ", got " + name);
    }
    return get(name);
  }

  private Usable directory(String name, Path path) {
    ModelLocation location = ModelLocator.directory(path.toAbsolutePath().normalize());
    ModelDirectory directory = ModelDirectory.open(Path.of(location.directory()));
    directory.verifyChecksums();
    return new Usable(
        name,
        ScoringJob.settings(config.scoring(), location).withDevice(config.model().device()),
        Optional.of(directory));
  }

  private ModelDirectory fixed() {
    return ModelDirectory.open(Path.of(config.model().directory().orElseThrow()));
  }
}
