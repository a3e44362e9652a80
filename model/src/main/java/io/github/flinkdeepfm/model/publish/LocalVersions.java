package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Brings published versions, with the bases of deltas, to the local disk, where they are mapped.
 */
public final class LocalVersions {
  private final ModelStorage storage;
  private final PublishedVersions versions;

  public LocalVersions(ModelStorage storage) {
    this.storage = storage;
    this.versions = new PublishedVersions(storage);
  }

  /**
   * The version where it lies, if the root is local; else a copy under {@code cache}, of which the
   * manifests are written last. Checksums are not looked at: see {@link
   * ModelDirectory#verifyChecksums()}.
   *
   * @param cache a local directory; versions that it has are not copied again
   * @throws InvalidModelException if there is no such version or a base of it is missing
   */
  public ModelDirectory open(String version, Path cache) throws IOException {
    if (!versions.exists(version)) {
      throw new InvalidModelException(
          storage.location() + ": expected the version " + version + ", got no such version");
    }
    Optional<Path> local = storage.local(version);
    if (local.isPresent()) {
      return ModelDirectory.open(local.get());
    }
    int copied = 0;
    for (Optional<String> next = Optional.of(version);
        next.isPresent() && copied <= ModelDirectory.MAX_DELTAS + 1;
        copied++) {
      next = copy(next.get(), cache);
    }
    return ModelDirectory.open(cache.resolve(version));
  }

  /** Copies one version and returns its base. */
  private Optional<String> copy(String version, Path cache) throws IOException {
    if (!versions.exists(version)) {
      return Optional.empty(); // ModelDirectory.open says which version misses its base.
    }
    Manifest manifest = versions.manifest(version);
    Path directory = Files.createDirectories(cache.resolve(version));
    Path announced = directory.resolve(ModelDirectory.MANIFEST);
    if (!Files.exists(announced)) {
      for (Manifest.FileEntry file : manifest.files()) {
        try (InputStream in = storage.open(version + "/" + file.name())) {
          Path target = directory.resolve(file.name());
          Files.deleteIfExists(target);
          Files.copy(in, target);
        }
      }
      Path temporary = Files.createTempFile(directory, ".manifest", "");
      Files.write(temporary, ManifestWriter.toJson(manifest).getBytes(StandardCharsets.UTF_8));
      Files.move(temporary, announced);
    }
    return manifest.base();
  }
}
