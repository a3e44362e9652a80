package io.github.flinkdeepfm.operators.storage;

import io.github.flinkdeepfm.model.publish.ModelStorage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/** A model root on a file system of Flink's. Nothing of it is taken to be on a local disk. */
public final class FlinkModelStorage implements ModelStorage {
  /** Where an object appears whole when its stream is closed, and a rename is a copy. */
  private static final Set<String> OBJECT_STORES =
      Set.of("s3", "s3a", "s3n", "s3p", "gs", "oss", "cos", "cosn", "obs", "wasb", "wasbs");

  private final Path root;
  private final FileSystem fileSystem;
  private final boolean objectStore;

  /**
   * @throws IOException if there is no file system for the root's scheme
   */
  public FlinkModelStorage(Path root) throws IOException {
    this(root, root.getFileSystem());
  }

  FlinkModelStorage(Path root, FileSystem fileSystem) {
    this.root = root;
    this.fileSystem = fileSystem;
    this.objectStore =
        OBJECT_STORES.contains(fileSystem.getUri().getScheme().toLowerCase(Locale.ROOT));
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public List<String> list(String directory) throws IOException {
    FileStatus[] entries;
    try {
      entries = fileSystem.listStatus(path(directory));
    } catch (FileNotFoundException e) {
      return List.of();
    }
    // What a file system says of a directory that is not there differs: null, too.
    return entries == null
        ? List.of()
        : Arrays.stream(entries)
            .map(entry -> entry.getPath())
            .filter(entry -> !entry.equals(path(directory)))
            .map(Path::getName)
            .sorted()
            .toList();
  }

  @Override
  public boolean exists(String path) throws IOException {
    return fileSystem.exists(path(path));
  }

  @Override
  public Instant modified(String file) throws IOException {
    return Instant.ofEpochMilli(fileSystem.getFileStatus(path(file)).getModificationTime());
  }

  @Override
  public InputStream open(String file) throws IOException {
    return fileSystem.open(path(file));
  }

  @Override
  public OutputStream create(String file) throws IOException {
    return fileSystem.create(path(file), WriteMode.OVERWRITE);
  }

  /**
   * HDFS does not rename over a file. There an existing one is overwritten in place, and a reader
   * may for a moment see it cut short, which is not JSON; removed first, it would be seen absent,
   * which means something else.
   */
  @Override
  public void announce(String file, byte[] content) throws IOException {
    if (objectStore || fileSystem.exists(path(file))) {
      write(file, content);
      return;
    }
    String temporary = sibling(file, "." + UUID.randomUUID());
    try {
      write(temporary, content);
      if (!fileSystem.rename(path(temporary), path(file))) {
        throw new IOException("expected to rename " + path(temporary) + " to " + path(file));
      }
    } finally {
      delete(temporary);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    if (fileSystem.exists(path(path))) {
      fileSystem.delete(path(path), true);
    }
  }

  @Override
  public Optional<java.nio.file.Path> local(String path) {
    return Optional.empty();
  }

  private void write(String file, byte[] content) throws IOException {
    try (OutputStream out = create(file)) {
      out.write(content);
    }
  }

  private static String sibling(String file, String name) {
    return file.substring(0, file.lastIndexOf('/') + 1) + name;
  }

  private Path path(String relative) {
    return relative.isEmpty() ? root : new Path(root, relative);
  }
}
