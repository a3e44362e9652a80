package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * What can be said of a version without loading it: it and its bases are there, whole, and have the
 * checksums of their manifests. Reads each file once, from front to back, and keeps none of it.
 */
final class VersionCheck {
  private final ModelStorage storage;
  private final PublishedVersions versions;
  private final Set<Verified> verified = new HashSet<>();

  private record Verified(String version, Manifest.FileEntry file) {}

  VersionCheck(ModelStorage storage) {
    this.storage = storage;
    this.versions = new PublishedVersions(storage);
  }

  /**
   * @param target as it was listed; its bases as they are now
   * @param overruled asked now and then; once it is true, the check ends without an answer
   * @throws RefusedVersionException if the version must not be used
   * @throws CancellationException if it was overruled
   * @throws IOException if the storage cannot be read
   */
  void check(Target target, BooleanSupplier overruled) throws IOException {
    String version = target.version();
    Set<Verified> seen = new HashSet<>();
    Optional<String> next = Optional.of(version);
    for (int deltas = 0; next.isPresent(); deltas++) {
      String name = next.get();
      if (deltas > ModelDirectory.MAX_DELTAS) {
        throw new RefusedVersionException(
            RefusalReason.INVALID,
            "expected at most %d deltas on a full version, got more at %s"
                .formatted(ModelDirectory.MAX_DELTAS, name));
      }
      if (!versions.exists(name)) {
        versions.requireAnswer();
        throw new RefusedVersionException(
            name.equals(version) ? RefusalReason.INCOMPLETE : RefusalReason.MISSING_BASE,
            "expected %s/%s/%s, got no such file"
                .formatted(storage.location(), name, ModelDirectory.MANIFEST));
      }
      Manifest manifest = name.equals(version) ? listed(target) : manifest(name);
      for (Manifest.FileEntry file : manifest.files()) {
        Verified done = new Verified(name, file);
        if (!verified.contains(done)) {
          ListedFile.read(
              storage,
              versions,
              name,
              file,
              (bytes, count) -> {
                if (overruled.getAsBoolean()) {
                  throw new CancellationException(version);
                }
              });
        }
        seen.add(done);
      }
      next = manifest.base();
    }
    // A base is read once, not with each of its deltas.
    verified.clear();
    verified.addAll(seen);
  }

  private Manifest listed(Target target) throws IOException {
    String digest = PublishedVersions.digest(versions.manifestText(target.version()));
    if (!digest.equals(target.manifest())) {
      throw new IOException(
          "%s/%s/%s: expected SHA-256 %s as it was listed, got %s: is it being replaced?"
              .formatted(
                  storage.location(),
                  target.version(),
                  ModelDirectory.MANIFEST,
                  target.manifest(),
                  digest));
    }
    return manifest(target.version());
  }

  private Manifest manifest(String version) throws IOException {
    try {
      return versions.manifest(version);
    } catch (InvalidModelException | InvalidConfigurationException e) {
      throw new RefusedVersionException(RefusalReason.INVALID, e.getMessage(), e);
    }
  }
}
