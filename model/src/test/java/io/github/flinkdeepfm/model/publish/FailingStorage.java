package io.github.flinkdeepfm.model.publish;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A storage that fails: for good from one operation on, as if the process had died there (writing
 * and closing are operations too); or for writes alone, once the disk is full.
 */
final class FailingStorage implements ModelStorage {
  private final ModelStorage storage;
  private final AtomicLong operationsLeft;
  private final AtomicLong bytesLeft;

  private FailingStorage(ModelStorage storage, long operations, long bytes) {
    this.storage = storage;
    this.operationsLeft = new AtomicLong(operations);
    this.bytesLeft = new AtomicLong(bytes);
  }

  static FailingStorage crashingAfter(ModelStorage storage, long operations) {
    return new FailingStorage(storage, operations, Long.MAX_VALUE);
  }

  static FailingStorage fullAfter(ModelStorage storage, long bytes) {
    return new FailingStorage(storage, Long.MAX_VALUE, bytes);
  }

  private void operation() throws IOException {
    if (operationsLeft.getAndDecrement() <= 0) {
      throw new IOException("crashed");
    }
  }

  private void write(long bytes) throws IOException {
    if (bytesLeft.addAndGet(-bytes) < 0) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public String location() {
    return storage.location();
  }

  @Override
  public List<String> list(String directory) throws IOException {
    operation();
    return storage.list(directory);
  }

  @Override
  public boolean exists(String path) throws IOException {
    operation();
    return storage.exists(path);
  }

  @Override
  public Instant modified(String file) throws IOException {
    operation();
    return storage.modified(file);
  }

  @Override
  public InputStream open(String file) throws IOException {
    operation();
    return storage.open(file);
  }

  @Override
  public OutputStream create(String file) throws IOException {
    operation();
    OutputStream out = storage.create(file);
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        operation();
        FailingStorage.this.write(count);
        out.write(bytes, offset, count);
      }

      @Override
      public void close() throws IOException {
        out.close(); // A dead process's files are closed as well.
        operation();
      }
    };
  }

  @Override
  public void announce(String file, byte[] content) throws IOException {
    operation();
    write(content.length);
    storage.announce(file, content);
  }

  @Override
  public void delete(String path) throws IOException {
    operation();
    storage.delete(path);
  }

  @Override
  public Optional<Path> local(String path) {
    return storage.local(path);
  }
}
