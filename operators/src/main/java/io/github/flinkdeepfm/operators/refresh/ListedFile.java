package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** A file of a version, read once and compared with what the version's manifest says of it. */
public final class ListedFile {
  private static final int CHUNK = 1 << 16;

  private ListedFile() {}

  /** Takes the file's bytes in their order; the array is used again for the next ones. */
  @FunctionalInterface
  public interface Chunks {
    void take(byte[] bytes, int count) throws IOException;
  }

  /**
   * @param versions of {@code storage}, asked for its answer when the file is not there
   * @throws RefusedVersionException if the file is missing, or of another size or checksum; by then
   *     {@code chunks} had all of its bytes
   * @throws IOException if the storage cannot be read, or {@code chunks} throws it
   */
  public static void read(
      ModelStorage storage,
      PublishedVersions versions,
      String version,
      Manifest.FileEntry expected,
      Chunks chunks)
      throws IOException {
    String file = version + "/" + expected.name();
    String where = storage.location() + "/" + file;
    if (!storage.exists(file)) {
      versions.requireAnswer();
      throw new RefusedVersionException(
          RefusalReason.INCOMPLETE,
          where + ": expected the file that the manifest lists, got none");
    }
    MessageDigest digest = Sha256.newDigest();
    long bytes = 0;
    byte[] chunk = new byte[CHUNK];
    try (InputStream in = storage.open(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
        chunks.take(chunk, n);
        bytes += n;
      }
    }
    if (bytes != expected.bytes()) {
      throw new RefusedVersionException(
          RefusalReason.INCOMPLETE,
          "%s: expected %d bytes, got %d".formatted(where, expected.bytes(), bytes));
    }
    String got = Sha256.hex(digest);
    if (!got.equals(expected.sha256())) {
      throw new RefusedVersionException(
          RefusalReason.CHECKSUM,
          "%s: expected SHA-256 %s, got %s".formatted(where, expected.sha256(), got));
    }
  }
}
