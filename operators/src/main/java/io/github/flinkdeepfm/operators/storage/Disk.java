package io.github.flinkdeepfm.operators.storage;

import java.io.IOException;
import java.nio.file.Path;

/** The local disk that copies lie on. */
interface Disk {
  /** Bytes that this process could still write where {@code path} lies. */
  long usableBytes(Path path) throws IOException;
}
