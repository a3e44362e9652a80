package io.github.flinkdeepfm.model.publish;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A model root, wherever it lies: a directory, HDFS, an object store. Paths are relative to the
 * root, with {@code /}; the empty path is the root itself. Thread-safe.
 *
 * <p>What is asked of the storage: a file that was closed is seen by every later {@link #list},
 * {@link #exists} and {@link #open} of every process (local disks, HDFS, and S3 since 2020 do
 * that).
 */
public interface ModelStorage {

  /** The root as a user would write it, for messages. */
  String location();

  /** Names of the files and directories in a directory, sorted; empty if there is no such. */
  List<String> list(String directory) throws IOException;

  /** Whether there is a file or directory of that path. */
  boolean exists(String path) throws IOException;

  /** When a file was last written, by the storage's clock. */
  Instant modified(String file) throws IOException;

  /**
   * @throws IOException also if there is no such file
   */
  InputStream open(String file) throws IOException;

  /**
   * Creates or replaces a file, with the directories above it. Readers may see it half-written; it
   * is whole and durable once {@code close} has returned without error.
   */
  OutputStream create(String file) throws IOException;

  /**
   * Creates or replaces a small file so that readers see the old content or the new one: written to
   * another name and renamed on a file system, one PUT on an object store.
   */
  void announce(String file, byte[] content) throws IOException;

  /** Removes a file, or a directory and all below it; nothing happens if there is none. */
  void delete(String path) throws IOException;

  /** Where the path lies on a local disk, if it does: such files can be mapped as they are. */
  Optional<Path> local(String path);
}
