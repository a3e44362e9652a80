package io.github.flinkdeepfm.model.publish;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A model root in a directory. Closed files and their names have reached the disk. */
public final class LocalModelStorage implements ModelStorage {
  private final Path root;

  /**
   * @param root need not exist yet
   */
  public LocalModelStorage(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public List<String> list(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(root.resolve(directory))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  /** Unlike {@link Files#exists}: a directory that cannot be read is no answer. */
  @Override
  public boolean exists(String path) throws IOException {
    Path file = root.resolve(path);
    try {
      Files.readAttributes(file, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (FileSystemException e) {
      if (Files.isRegularFile(file.getParent())) {
        return false; // POSIX: ENOTDIR
      }
      throw e;
    }
  }

  @Override
  public Instant modified(String file) throws IOException {
    return Files.getLastModifiedTime(root.resolve(file)).toInstant();
  }

  @Override
  public InputStream open(String file) throws IOException {
    return Files.newInputStream(root.resolve(file));
  }

  @Override
  public OutputStream create(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new FilterOutputStream(Channels.newOutputStream(channel)) {
      @Override
      public void write(byte[] bytes, int offset, int count) throws IOException {
        out.write(bytes, offset, count);
      }

      @Override
      public void close() throws IOException {
        if (channel.isOpen()) {
          try (channel) {
            channel.force(true);
          }
        }
      }
    };
  }

  @Override
  public void announce(String file, byte[] content) throws IOException {
    Path path = root.resolve(file);
    Path temporary = path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID());
    try (OutputStream out = create(root.relativize(temporary).toString())) {
      out.write(content);
    }
    sync(path.getParent());
    Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
    sync(path.getParent());
    sync(path.getParent().getParent());
  }

  @Override
  public void delete(String path) throws IOException {
    List<Path> tree;
    try (Stream<Path> walk = Files.walk(root.resolve(path))) {
      tree = walk.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path entry : tree) {
      Files.deleteIfExists(entry);
    }
  }

  @Override
  public Optional<Path> local(String path) {
    return Optional.of(root.resolve(path));
  }

  /** Makes the names in a directory durable, where the platform can open one (Windows cannot). */
  private static void sync(Path directory) throws IOException {
    if (directory == null
        || !directory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return;
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
