package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.checkpoint.MemoryFootprint;
import io.github.flinkdeepfm.model.checkpoint.MemoryFootprint.MappedTensor;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Whether a version fits into memory beside those that this process has loaded, asked before any of
 * it is mapped or allocated. A mapped table counts whole: one that does not stay in memory makes
 * scoring wait for the disk.
 *
 * <p>Free is the smaller of what a configured bound leaves and what the machine has. The machine
 * counts file pages as available, those of loaded tables too, so these are taken off; private bytes
 * that are in use, and files that lie in memory (tmpfs), it has taken off itself. Thread-safe: a
 * claim counts from the moment it is made.
 */
final class MemoryBudget {
  /** Left for all else: buffers of scorers and batches, the JVM's own, other processes. */
  static final long RESERVE = 128L << 20;

  private final MachineMemory machine;
  private final Map<MappedTensor, Integer> mapped = new HashMap<>();
  private final Set<MappedTensor> inMemory = new HashSet<>();
  private long mappedBytes;
  private long inMemoryBytes;
  private long privateBytes;
  private long loadingBytes;

  MemoryBudget(MachineMemory machine) {
    this.machine = machine;
  }

  /** What one version takes; {@link #close} gives it back, once. */
  final class Claim implements AutoCloseable {
    private final MemoryFootprint footprint;
    private boolean loading = true;
    private boolean open = true;

    private Claim(MemoryFootprint footprint) {
      this.footprint = footprint;
    }

    /** Its private bytes are allocated: the machine does not count them as available any more. */
    void loaded() {
      synchronized (MemoryBudget.this) {
        if (loading) {
          loading = false;
          loadingBytes -= footprint.privateBytes();
        }
      }
    }

    @Override
    public void close() {
      synchronized (MemoryBudget.this) {
        if (open) {
          open = false;
          loaded();
          privateBytes -= footprint.privateBytes();
          footprint.mapped().forEach(MemoryBudget.this::unmap);
        }
      }
    }
  }

  /**
   * @param version for the message
   * @param bound most bytes, mapped and private, of all versions of this process
   * @throws RefusedVersionException NO_SPACE if it does not fit
   */
  synchronized Claim claim(String version, MemoryFootprint footprint, long bound) {
    long needed = footprint.privateBytes();
    long takenOff = 0;
    for (MappedTensor tensor : footprint.mapped()) {
      if (!mapped.containsKey(tensor)) {
        needed += tensor.bytes();
        takenOff += machine.keepsInMemory(tensor.file()) ? tensor.bytes() : 0;
      }
    }
    long available = machine.availableBytes();
    long ofMachine = available + takenOff - RESERVE - (mappedBytes - inMemoryBytes) - loadingBytes;
    long ofBound = bound - mappedBytes - privateBytes;
    long free = Math.max(0, Math.min(ofMachine, ofBound));
    if (needed > free) {
      throw new RefusedVersionException(
          RefusalReason.NO_SPACE,
          "version %s: expected %d bytes of memory free, got %d (%s; loaded versions hold %d)"
              .formatted(
                  version,
                  needed,
                  free,
                  ofBound < ofMachine
                      ? "of model.memory.bytes " + bound
                      : "of the machine's " + available + " available",
                  mappedBytes + privateBytes));
    }
    return hold(footprint);
  }

  /** Counts a version that is loaded whether it fits or not. */
  synchronized Claim hold(MemoryFootprint footprint) {
    footprint.mapped().forEach(this::map);
    privateBytes += footprint.privateBytes();
    loadingBytes += footprint.privateBytes();
    return new Claim(footprint);
  }

  private void map(MappedTensor tensor) {
    if (mapped.merge(tensor, 1, Integer::sum) == 1) {
      mappedBytes += tensor.bytes();
      if (machine.keepsInMemory(tensor.file()) && inMemory.add(tensor)) {
        inMemoryBytes += tensor.bytes();
      }
    }
  }

  private void unmap(MappedTensor tensor) {
    if (mapped.merge(tensor, -1, (a, b) -> a + b == 0 ? null : a + b) == null) {
      mappedBytes -= tensor.bytes();
      inMemoryBytes -= inMemory.remove(tensor) ? tensor.bytes() : 0;
    }
  }
}
