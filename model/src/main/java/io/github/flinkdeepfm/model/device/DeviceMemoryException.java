package io.github.flinkdeepfm.model.device;

/** Something does not fit into the device's memory beside what is there. */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long neededBytes;
  private final long freeBytes;

  DeviceMemoryException(int ordinal, String what, long neededBytes, long freeBytes) {
    super(
        "device %d: %s: expected %d bytes of free memory, got %d"
            .formatted(ordinal, what, neededBytes, freeBytes));
    this.neededBytes = neededBytes;
    this.freeBytes = freeBytes;
  }

  public long neededBytes() {
    return neededBytes;
  }

  public long freeBytes() {
    return freeBytes;
  }
}
