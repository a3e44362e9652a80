package io.github.flinkdeepfm.operators.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of this process alone, {@code <parent>/flink-deepfm-<random>/}, held by a lock on the
 * file {@code .lock} beside it. What a process that crashed has left, nobody holds: the next one
 * removes it.
 */
final class CacheDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheDirectory.class);
  private static final String PREFIX = "flink-deepfm-";
  private static final String LOCK = ".lock";

  private final Path path;
  private final Path lockFile;
  private final FileChannel lock;

  private CacheDirectory(Path path, Path lockFile, FileChannel lock) {
    this.path = path;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  static CacheDirectory create(Path parent) throws IOException {
    Files.createDirectories(parent);
    removeAbandoned(parent);
    String name = PREFIX + UUID.randomUUID();
    Path lockFile = parent.resolve(name + LOCK);
    // Of the whole process, whatever the class loader: POSIX ends a process's lock when it closes
    // any channel of the file, so its own files are not even tried.
    System.setProperty(lockFile.getFileName().toString(), "");
    FileChannel lock =
        FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    FileLock held = lock.lock();
    if (!held.isValid()) {
      throw new IOException(lockFile + ": expected a lock, got none");
    }
    return new CacheDirectory(PrivateDirectories.create(parent.resolve(name)), lockFile, lock);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    deleteTree(path);
    try {
      lock.close();
      Files.deleteIfExists(lockFile);
      System.clearProperty(lockFile.getFileName().toString());
    } catch (IOException e) {
      LOG.debug("{} stays", lockFile, e);
    }
  }

  private static void removeAbandoned(Path parent) throws IOException {
    List<Path> locks;
    try (Stream<Path> files = Files.list(parent)) {
      locks =
          files
              .filter(f -> f.getFileName().toString().startsWith(PREFIX))
              .filter(f -> f.getFileName().toString().endsWith(LOCK))
              .filter(f -> System.getProperty(f.getFileName().toString()) == null)
              .toList();
    }
    for (Path file : locks) {
      String name = file.getFileName().toString();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
          FileLock free = channel.tryLock()) {
        if (free != null) {
          deleteTree(parent.resolve(name.substring(0, name.length() - LOCK.length())));
          Files.deleteIfExists(file);
        }
      } catch (IOException | OverlappingFileLockException e) {
        LOG.debug("{} is in use", file, e);
      }
    }
  }

  /** As far as it goes. */
  static void deleteTree(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} could not be removed: {}", path, e.toString());
    }
  }
}
