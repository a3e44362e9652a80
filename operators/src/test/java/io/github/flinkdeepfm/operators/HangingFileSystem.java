package io.github.flinkdeepfm.operators;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** The local disk as a remote one, {@code hanging:///path}, of which a file can be made to hang. */
public final class HangingFileSystem extends LocalFileSystem {
  private static volatile String hung = "";
  private static volatile CountDownLatch recovered = new CountDownLatch(0);

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "hanging";
    }

    @Override
    public FileSystem create(URI uri) {
      return new HangingFileSystem();
    }
  }

  static String uri(java.nio.file.Path path) {
    return "hanging://" + path.toAbsolutePath();
  }

  /** From now on, files whose path ends so cannot be opened, and no interrupt helps. */
  static void hang(String suffix) {
    recovered = new CountDownLatch(1);
    hung = suffix;
  }

  static void recover() {
    hung = "";
    recovered.countDown();
  }

  @Override
  public URI getUri() {
    return URI.create("hanging:///");
  }

  @Override
  public boolean isDistributedFS() {
    return true;
  }

  @Override
  public FSDataInputStream open(Path file) throws IOException {
    while (!hung.isEmpty() && file.getPath().endsWith(hung)) {
      try {
        recovered.await();
      } catch (InterruptedException e) {
        // As a read of a dead mount does.
      }
    }
    return super.open(file);
  }
}
