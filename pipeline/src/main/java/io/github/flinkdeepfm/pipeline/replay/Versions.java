package io.github.flinkdeepfm.pipeline.replay;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.storage.ModelCache;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The model versions that a replay scores with: of the job's root, on any storage, or its one
 * directory. Versions of a root are copied to a local cache and their checksums compared.
 */
final class Versions implements AutoCloseable {
  private final Optional<PublishedVersions> published;
  private final Optional<ModelCache> cache;
  private final Optional<ModelDirectory> fixed;

  Versions(JobConfig.Model model) throws IOException {
    if (model.root().isEmpty()) {
      published = Optional.empty();
      cache = Optional.empty();
      fixed = Optional.of(ModelDirectory.open(Path.of(model.directory().orElseThrow())));
      return;
    }
    ModelStorage storage = ModelStorages.openWithPlugins(model.root().get());
    String parent = model.refresh().cacheDir().orElse(System.getProperty("java.io.tmpdir"));
    published = Optional.of(new PublishedVersions(storage));
    cache =
        Optional.of(
            new ModelCache(
                storage, Path.of(parent).toAbsolutePath(), model.refresh().cacheBytes()));
    fixed = Optional.empty();
  }

  /** A version's files on this machine, until it is closed. */
  record Local(String version, Path directory, Optional<ModelCache.Copy> copy)
      implements AutoCloseable {
    @Override
    public void close() {
      copy.ifPresent(ModelCache.Copy::close);
    }
  }

  /** Whether the version, and every base of it, is there. */
  boolean exists(String version) throws IOException {
    if (fixed.isPresent()) {
      return fixed.get().version().equals(version);
    }
    Optional<String> next = Optional.of(version);
    for (int depth = 0; next.isPresent() && depth <= ModelDirectory.MAX_DELTAS; depth++) {
      if (!published.orElseThrow().exists(next.get())) {
        return false;
      }
      next = published.orElseThrow().manifest(next.get()).base();
    }
    return next.isEmpty();
  }

  /**
   * Brings a version here.
   *
   * @throws io.github.flinkdeepfm.operators.refresh.RefusedVersionException if it cannot be used
   */
  Local open(String version) throws IOException {
    if (fixed.isPresent()) {
      return new Local(version, fixed.get().path(), Optional.empty());
    }
    ModelCache.Copy copy = cache.orElseThrow().fetch(version);
    return new Local(version, copy.directory(), Optional.of(copy));
  }

  /**
   * Brings a version here that the user named.
   *
   * @throws InvalidModelException if there is none, naming those that there are
   */
  Local require(String version) throws IOException {
    if (!exists(version)) {
      List<String> names =
          fixed.isPresent()
              ? List.of(fixed.get().version())
              : published.orElseThrow().list().versions().stream().map(Manifest::version).toList();
      throw new InvalidModelException(
          "expected a model directory or one of the versions " + names + ", got " + version);
    }
    return open(version);
  }

  @Override
  public void close() {
    cache.ifPresent(ModelCache::closeIfUnused);
  }
}
