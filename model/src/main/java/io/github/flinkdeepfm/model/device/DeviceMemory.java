package io.github.flinkdeepfm.model.device;

import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * What this process holds of one device's memory, and whether more fits. Everything on the device
 * path asks here before it allocates. Thread-safe.
 */
public final class DeviceMemory {
  private final int ordinal;
  private final LongUnaryOperator free;
  private long used;

  private DeviceMemory(int ordinal, LongUnaryOperator free) {
    this.ordinal = ordinal;
    this.free = free;
  }

  /**
   * Memory of which the device says itself how much is free.
   *
   * @param freeBytes asked at every reservation
   */
  static DeviceMemory of(int ordinal, LongSupplier freeBytes) {
    return new DeviceMemory(ordinal, used -> freeBytes.getAsLong());
  }

  /** A budget for a backend whose device has no memory of its own. */
  public static DeviceMemory ofBudget(int ordinal, long bytes) {
    return new DeviceMemory(ordinal, used -> bytes - used);
  }

  /**
   * Counts {@code bytes} as used.
   *
   * @param what for the message
   * @throws DeviceMemoryException if they are not free
   */
  synchronized void reserve(String what, long bytes) {
    require(what, bytes);
    used += bytes;
  }

  /**
   * Refuses what needs more than is free, before a part of it is put there.
   *
   * @param what for the message
   * @throws DeviceMemoryException if so many bytes are not free
   */
  synchronized void require(String what, long bytes) {
    long available = free.applyAsLong(used);
    if (bytes > available) {
      throw new DeviceMemoryException(ordinal, what, bytes, Math.max(0, available));
    }
  }

  synchronized void release(long bytes) {
    used -= bytes;
  }

  /** Bytes that this process holds on the device for models and scorers. */
  public synchronized long used() {
    return used;
  }
}
