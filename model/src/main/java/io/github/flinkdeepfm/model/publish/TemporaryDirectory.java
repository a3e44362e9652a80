package io.github.flinkdeepfm.model.publish;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A local directory that is gone when this is closed. */
final class TemporaryDirectory implements AutoCloseable {
  private final Path path;

  TemporaryDirectory() throws IOException {
    path = Files.createTempDirectory("flink-deepfm-publish");
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    new LocalModelStorage(path).delete("");
  }
}
