package io.github.flinkdeepfm.pipeline.job;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** The local disk as a remote one: {@code remote:///path}. */
public final class RemoteFileSystem extends LocalFileSystem {

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
