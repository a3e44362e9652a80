package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.operators.refresh.ListedFile;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies the files of a version to a local directory, comparing sizes and checksums on the way. */
final class VersionCopier {
  private final ModelStorage storage;
  private final Disk disk;
  private final PublishedVersions versions;

  VersionCopier(ModelStorage storage, Disk disk) {
    this.storage = storage;
    this.disk = disk;
    this.versions = new PublishedVersions(storage);
  }

  /**
   * @param target a directory that is not there yet; what is in it after a failure is of no use
   * @throws RefusedVersionException if a file is missing, of another size or checksum, or does not
   *     fit on the disk
   * @throws InterruptedIOException if the thread was interrupted
   * @throws IOException if the storage or the disk fails
   */
  void copy(Manifest manifest, Path target) throws IOException {
    Files.createDirectories(target);
    long needed = manifest.files().stream().mapToLong(Manifest.FileEntry::bytes).sum();
    long usable = disk.usableBytes(target);
    if (needed > usable) {
      throw new RefusedVersionException(
          RefusalReason.NO_SPACE,
          "%s of version %s: expected %d bytes free on the disk, got %d"
              .formatted(target.getParent(), manifest.version(), needed, usable));
    }
    for (Manifest.FileEntry file : manifest.files()) {
      copy(manifest.version(), file, target.resolve(file.name()));
    }
    Files.writeString(
        target.resolve(ModelDirectory.MANIFEST),
        ManifestWriter.toJson(manifest),
        StandardCharsets.UTF_8);
  }

  private void copy(String version, Manifest.FileEntry file, Path target) throws IOException {
    try (OutputStream out = Files.newOutputStream(target)) {
      ListedFile.read(
          storage,
          versions,
          version,
          file,
          (bytes, count) -> {
            if (Thread.currentThread().isInterrupted()) {
              throw new InterruptedIOException(target + ": nobody waits for it any more");
            }
            out.write(bytes, 0, count);
          });
    }
  }
}
