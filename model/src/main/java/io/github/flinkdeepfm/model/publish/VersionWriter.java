package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one version's directory: first the marker {@code .publishing}, then files, then {@code
 * manifest.json}, which makes it visible; then the marker goes. Sizes and sums are those of the
 * bytes that were written.
 */
final class VersionWriter {
  static final String MARKER = ".publishing";

  private final ModelStorage storage;
  private final RootLock lock;
  private final String version;
  private final List<Manifest.FileEntry> files = new ArrayList<>();

  private VersionWriter(ModelStorage storage, RootLock lock, String version) {
    this.storage = storage;
    this.lock = lock;
    this.version = version;
  }

  /** Reserves the directory, which does not exist. */
  static VersionWriter begin(ModelStorage storage, RootLock lock, String version)
      throws IOException {
    lock.check();
    try (OutputStream out = storage.create(version + "/" + MARKER)) {
      out.write("being written\n".getBytes(StandardCharsets.UTF_8));
    }
    return new VersionWriter(storage, lock, version);
  }

  List<Manifest.FileEntry> files() {
    return files;
  }

  /** Copies a local file under its own name. */
  void copy(Path file) throws IOException {
    write(String.valueOf(file.getFileName()), out -> Files.copy(file, out));
  }

  void write(String name, SafetensorsWriter tensors) throws IOException {
    write(
        name,
        out -> {
          WritableByteChannel channel = Channels.newChannel(out);
          tensors.write(storage.location() + "/" + version + "/" + name, channel);
        });
  }

  /**
   * Makes the version visible.
   *
   * @throws InvalidModelException if its manifest is larger than a reader takes
   */
  void announce(Manifest manifest) throws IOException {
    byte[] text = ManifestWriter.toJson(manifest).getBytes(StandardCharsets.UTF_8);
    if (text.length > Manifest.MAX_BYTES || files.size() > Manifest.MAX_FILES) {
      throw new InvalidModelException(
          "expected a manifest of at most %d bytes and %d files, got %d and %d: fewer shards or less provenance"
              .formatted(Manifest.MAX_BYTES, Manifest.MAX_FILES, text.length, files.size()));
    }
    lock.check();
    storage.announce(version + "/" + ModelDirectory.MANIFEST, text);
    storage.delete(version + "/" + MARKER);
  }

  @FunctionalInterface
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private void write(String name, Content content) throws IOException {
    lock.check();
    MessageDigest digest = Sha256.newDigest();
    Counting counting = new Counting(storage.create(version + "/" + name));
    try (DigestOutputStream out = new DigestOutputStream(counting, digest)) {
      content.writeTo(out);
    }
    files.add(new Manifest.FileEntry(name, counting.bytes, Sha256.hex(digest)));
  }

  /** Counts what passes; nothing is buffered, so a full disk shows at the write or at close. */
  private static final class Counting extends OutputStream {
    private final OutputStream out;
    private long bytes;

    Counting(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      out.write(value);
      bytes++;
    }

    @Override
    public void write(byte[] values, int offset, int count) throws IOException {
      out.write(values, offset, count);
      bytes += count;
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
