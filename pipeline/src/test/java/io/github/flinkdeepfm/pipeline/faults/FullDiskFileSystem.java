package io.github.flinkdeepfm.pipeline.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/**
 * The local file system under a scheme of its own, on which nothing can be written while a flag
 * file is there: as ENOSPC, in the middle of a file too. For Flink's plugin folder.
 */
public final class FullDiskFileSystem extends LocalFileSystem {
  static final String SCHEME = "full-disk";
  static final ConfigOption<String> FLAG =
      ConfigOptions.key("full-disk.flag").stringType().noDefaultValue();

  private final Path flag;

  FullDiskFileSystem(Path flag) {
    this.flag = flag;
  }

  private void checkSpace() throws IOException {
    if (Files.exists(flag)) {
      throw new IOException("No space left on device");
    }
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":/");
  }

  @Override
  public boolean mkdirs(org.apache.flink.core.fs.Path path) throws IOException {
    checkSpace();
    return super.mkdirs(path);
  }

  @Override
  public FSDataOutputStream create(org.apache.flink.core.fs.Path path, WriteMode mode)
      throws IOException {
    checkSpace();
    return new Checked(super.create(path, mode));
  }

  @Override
  public LocalRecoverableWriter createRecoverableWriter() throws IOException {
    throw new UnsupportedOperationException("every file goes through create");
  }

  /** Fails in mid-file as soon as the disk is full. */
  private final class Checked extends FSDataOutputStream {
    private final FSDataOutputStream out;

    Checked(FSDataOutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      checkSpace();
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      checkSpace();
      ((OutputStream) out).write(bytes, offset, length);
    }

    @Override
    public long getPos() throws IOException {
      return out.getPos();
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void sync() throws IOException {
      checkSpace();
      out.sync();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }

  /** Found by Flink through {@code META-INF/services} of the plugin's jar. */
  public static final class Factory implements FileSystemFactory {
    private String flag;

    @Override
    public void configure(Configuration config) {
      flag = config.get(FLAG);
    }

    @Override
    public String getScheme() {
      return SCHEME;
    }

    @Override
    public FileSystem create(URI uri) throws IOException {
      if (flag == null) {
        throw new IOException("expected " + FLAG.key() + ", got none");
      }
      return new FullDiskFileSystem(Path.of(flag));
    }
  }
}
