package io.github.flinkdeepfm.operators.storage;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.flinkdeepfm.model.checkpoint.Manifest;
import io.github.flinkdeepfm.model.checkpoint.ManifestWriter;
import io.github.flinkdeepfm.model.checkpoint.Sha256;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A root whose versions are one small file each, and which can be slow or down. */
final class PublishedFiles implements ModelStorage {
  static final String FILE = "data";

  final Path root;
  final AtomicInteger interrupted = new AtomicInteger();
  final AtomicInteger reading = new AtomicInteger();
  volatile boolean down;

  private final ModelStorage local;
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();

  PublishedFiles(Path root) throws IOException {
    this.root = Files.createDirectories(root);
    this.local = new LocalModelStorage(root);
  }

  void publish(String version, String base, String content) throws IOException {
    Path directory = Files.createDirectories(root.resolve(version));
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    Files.write(directory.resolve(FILE), bytes);
    Manifest manifest =
        new Manifest(
            version,
            base == null ? Manifest.Kind.FULL : Manifest.Kind.DELTA,
            Optional.ofNullable(base),
            Instant.EPOCH,
            List.of(new Manifest.FileEntry(FILE, bytes.length, Sha256.of(bytes))),
            MissingNode.getInstance());
    Files.writeString(directory.resolve("manifest.json"), ManifestWriter.toJson(manifest));
  }

  void remove(String version) throws IOException {
    Files.delete(root.resolve(version).resolve("manifest.json"));
  }

  /** Reads of the version's file wait from now on. */
  void hold(String version) {
    held.put(version + "/" + FILE, new CountDownLatch(1));
  }

  void release(String version) {
    held.get(version + "/" + FILE).countDown();
  }

  private void answer() throws IOException {
    if (down) {
      throw new IOException("down");
    }
  }

  @Override
  public InputStream open(String file) throws IOException {
    answer();
    CountDownLatch latch = held.get(file);
    if (latch == null) {
      return local.open(file);
    }
    return new FilterInputStream(new ByteArrayInputStream(local.open(file).readAllBytes())) {
      @Override
      public int read(byte[] bytes, int offset, int count) throws IOException {
        reading.incrementAndGet();
        try {
          latch.await();
        } catch (InterruptedException e) {
          interrupted.incrementAndGet();
          throw new InterruptedIOException();
        }
        answer();
        return super.read(bytes, offset, count);
      }
    };
  }

  @Override
  public boolean exists(String path) throws IOException {
    answer();
    return local.exists(path);
  }

  @Override
  public List<String> list(String directory) throws IOException {
    answer();
    return local.list(directory);
  }

  @Override
  public String location() {
    return local.location();
  }

  @Override
  public Instant modified(String file) throws IOException {
    return local.modified(file);
  }

  @Override
  public OutputStream create(String file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void announce(String file, byte[] content) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Path> local(String path) {
    return Optional.empty();
  }
}
