package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes versions, in an order that leaves nothing half-visible wherever it stops: marker, then
 * manifest, then the rest. And removes what publishers left that did not get to their end.
 */
final class Leftovers {
  private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

  private final ModelStorage storage;

  Leftovers(ModelStorage storage) {
    this.storage = storage;
  }

  /** Removes a published version. */
  void remove(String version) throws IOException {
    try (OutputStream out = storage.create(version + "/" + VersionWriter.MARKER)) {
      out.write('\n');
    }
    storage.delete(version + "/" + ModelDirectory.MANIFEST);
    removeMarked(version);
  }

  /**
   * Removes a directory that has the marker and no manifest. The marker goes last, whatever order
   * the storage removes a tree in: what is left of it stays recognisable.
   */
  void removeMarked(String version) throws IOException {
    for (String file : storage.list(version)) {
      if (!file.equals(VersionWriter.MARKER)) {
        storage.delete(version + "/" + file);
      }
    }
    storage.delete(version);
  }

  /**
   * Removes directories that were marked as being written and to which nothing was written since.
   * Only the holder of the publish lock calls it.
   */
  void clean(Instant since) throws IOException {
    for (String version : storage.list("")) {
      if (!Manifest.isVersion(version)) {
        continue;
      }
      try {
        clean(version, since);
      } catch (IOException e) {
        storage.list(""); // Throws if it is the storage that fails, not this version.
        LOG.warn("{}: {} is left as it is: {}", storage.location(), version, e.toString());
      }
    }
  }

  private void clean(String version, Instant since) throws IOException {
    List<String> files = storage.list(version);
    if (!files.contains(VersionWriter.MARKER)) {
      return;
    }
    if (files.contains(ModelDirectory.MANIFEST)) {
      storage.delete(version + "/" + VersionWriter.MARKER);
    } else if (!lastWrite(version, files).isAfter(since)) {
      LOG.warn("{}: removing {}, which was never finished", storage.location(), version);
      removeMarked(version);
    }
  }

  private Instant lastWrite(String version, List<String> files) throws IOException {
    Instant last = Instant.MIN;
    for (String file : files) {
      Instant modified = storage.modified(version + "/" + file);
      last = modified.isAfter(last) ? modified : last;
    }
    return last;
  }
}
