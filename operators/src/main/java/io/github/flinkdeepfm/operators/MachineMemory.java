package io.github.flinkdeepfm.operators;

/** How much memory this process could still take. */
interface MachineMemory {
  /** Bytes, pages of files that can be dropped included. */
  long availableBytes();
}
