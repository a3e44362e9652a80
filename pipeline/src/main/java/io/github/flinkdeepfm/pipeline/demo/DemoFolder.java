package io.github.flinkdeepfm.pipeline.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** The temporary folder that everything the demo writes is in; on close only its log stays. */
final class DemoFolder implements AutoCloseable {
  private final Path path;
  private final boolean keep;

  private DemoFolder(Path path, boolean keep) {
    this.path = path;
    this.keep = keep;
  }

  static DemoFolder create(boolean keep) throws IOException {
    Path path = Files.createTempDirectory("flink-deepfm-demo-").toRealPath();
    // These libraries unpack their natives below the home directory by default.
    System.setProperty("org.bytedeco.javacpp.cachedir", path.resolve("javacpp").toString());
    System.setProperty("jna.tmpdir", Files.createDirectories(path.resolve("jna")).toString());
    return new DemoFolder(path, keep);
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (keep || !Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.equals(DemoLog.in(path))) {
              Files.deleteIfExists(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // another shutdown hook deleted it first
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException e)
              throws IOException {
            if (!directory.equals(path) || !Files.exists(DemoLog.in(path))) {
              Files.deleteIfExists(directory);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
