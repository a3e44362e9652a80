package io.github.flinkdeepfm.operators;

import java.nio.file.Path;

/** How much memory this process could still take. */
interface MachineMemory {
  /** Bytes, pages of files that can be dropped included. */
  long availableBytes();

  /**
   * Whether a file's pages cannot be dropped, because it lies in memory alone (tmpfs). They are not
   * among the available bytes, mapped or not.
   */
  default boolean keepsInMemory(Path file) {
    return false;
  }
}
