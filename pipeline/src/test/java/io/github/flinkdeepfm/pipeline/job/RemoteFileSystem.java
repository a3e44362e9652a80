package io.github.flinkdeepfm.pipeline.job;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** The local disk as a remote one, which may be away for a while: {@code remote:///path}. */
public final class RemoteFileSystem extends LocalFileSystem {
  private static final AtomicInteger FAILURES = new AtomicInteger();

  /** So many of the next looks at a file or directory fail. */
  static void failNext(int looks) {
    FAILURES.set(looks);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    answer();
    return super.getFileStatus(path);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    answer();
    return super.listStatus(path);
  }

  private static void answer() throws IOException {
    if (FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("the storage is away");
    }
  }

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "remote";
    }

    @Override
    public FileSystem create(URI uri) {
      return new RemoteFileSystem();
    }
  }

  @Override
  public URI getUri() {
    return URI.create("remote:///");
  }

  @Override
  public boolean isDistributedFS() {
    return true;
  }
}
