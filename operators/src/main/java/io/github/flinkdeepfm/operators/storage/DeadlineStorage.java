package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.publish.ModelStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A storage that fails where another would hang (an NFS server that is gone, a dead socket): each
 * call, and each piece of a file that is read, has to make progress within a limit. The caller may
 * be interrupted at any time and then ends promptly.
 *
 * <p>Not limited are the writes of {@link #create}, and {@link #local} paths, which bypass the
 * storage.
 */
final class DeadlineStorage implements ModelStorage {
  private final ModelStorage storage;
  private final long limitMillis;
  private final StorageCalls calls;

  /**
   * @param limitMillis most time without progress
   */
  DeadlineStorage(ModelStorage storage, long limitMillis) {
    this.storage = storage;
    this.limitMillis = limitMillis;
    this.calls = StorageCalls.of(storage.location());
  }

  @Override
  public String location() {
    return storage.location();
  }

  @Override
  public List<String> list(String directory) throws IOException {
    return call(directory, () -> storage.list(directory));
  }

  @Override
  public boolean exists(String path) throws IOException {
    return call(path, () -> storage.exists(path));
  }

  @Override
  public Instant modified(String file) throws IOException {
    return call(file, () -> storage.modified(file));
  }

  @Override
  public InputStream open(String file) throws IOException {
    InputStream in =
        calls.call(shown(file), limitMillis, progress -> storage.open(file), late -> late.close());
    return new DeadlineInputStream(in, shown(file), limitMillis, calls);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    return calls.call(
        shown(file), limitMillis, progress -> storage.create(file), late -> late.close());
  }

  @Override
  public void announce(String file, byte[] content) throws IOException {
    call(
        file,
        () -> {
          storage.announce(file, content);
          return null;
        });
  }

  @Override
  public void delete(String path) throws IOException {
    call(
        path,
        () -> {
          storage.delete(path);
          return null;
        });
  }

  @Override
  public Optional<Path> local(String path) {
    return storage.local(path);
  }

  private interface Answer<T> {
    T get() throws IOException;
  }

  private <T> T call(String path, Answer<T> answer) throws IOException {
    return calls.call(shown(path), limitMillis, progress -> answer.get(), unwanted -> {});
  }

  private String shown(String path) {
    return path.isEmpty() ? storage.location() : storage.location() + "/" + path;
  }
}
