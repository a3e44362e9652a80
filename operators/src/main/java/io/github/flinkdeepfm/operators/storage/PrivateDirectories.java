package io.github.flinkdeepfm.operators.storage;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Makes directories that only this user can look into, where the file system knows users. */
public final class PrivateDirectories {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private PrivateDirectories() {}

  /** Makes the directory and its parents unless they are there; what is there stays as it is. */
  public static Path create(Path directory) throws IOException {
    FileSystem files = directory.getFileSystem();
    boolean posix = files.supportedFileAttributeViews().contains("posix");
    return posix
        ? Files.createDirectories(directory, OWNER_ONLY)
        : Files.createDirectories(directory);
  }
}
