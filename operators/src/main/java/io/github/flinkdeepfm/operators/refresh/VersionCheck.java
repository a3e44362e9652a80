package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
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
          check(name, file, overruled);
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

  private void check(String version, Manifest.FileEntry expected, BooleanSupplier overruled)
      throws IOException {
    String file = version + "/" + expected.name();
    if (!storage.exists(file)) {
      versions.requireAnswer();
      throw new RefusedVersionException(
          RefusalReason.INCOMPLETE,
          "%s/%s: expected the file that the manifest lists, got none"
              .formatted(storage.location(), file));
    }
    MessageDigest digest = sha256();
    long bytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = storage.open(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (overruled.getAsBoolean()) {
          throw new CancellationException(version);
        }
        digest.update(buffer, 0, n);
        bytes += n;
      }
    }
    if (bytes != expected.bytes()) {
      throw new RefusedVersionException(
          RefusalReason.INCOMPLETE,
          "%s/%s: expected %d bytes, got %d"
              .formatted(storage.location(), file, expected.bytes(), bytes));
    }
    String got = HexFormat.of().formatHex(digest.digest());
    if (!got.equals(expected.sha256())) {
      throw new RefusedVersionException(
          RefusalReason.CHECKSUM,
          "%s/%s: expected SHA-256 %s, got %s"
              .formatted(storage.location(), file, expected.sha256(), got));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
