package io.github.flinkdeepfm.model.device;

import io.github.flinkdeepfm.model.kernel.BlasSetup;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * One device of ND4J's backend, and how operations and allocations on it are made.
 *
 * @param ordinal ND4J's number of it, from 0
 * @param memory shared by everything that this process puts there
 * @param executor runs its operations
 * @param spareShare spare rows that a stack of tables is loaded with, as a share of its rows: room
 *     for the changed rows of deltas
 */
public record Device(int ordinal, DeviceMemory memory, OpExecutor executor, double spareShare) {
  /**
   * System property: bytes that a backend without memory of its own (the CPU's) may use. Without it
   * the CPU never stands for a device.
   */
  public static final String BUDGET_PROPERTY = "flinkdeepfm.device.bytes";

  public static final double DEFAULT_SPARE_SHARE = 0.125;

  private static final Map<Integer, Device> DEVICES = new ConcurrentHashMap<>();

  /** Whether ND4J's backend computes on GPUs. */
  public static boolean backendHasGpus() {
    BlasSetup.ensure();
    return Nd4j.getBackend().getClass().getSimpleName().toLowerCase(Locale.ROOT).contains("cublas");
  }

  /** Devices of ND4J's backend; the CPU's has one. */
  public static int count() {
    BlasSetup.ensure();
    return Nd4j.getAffinityManager().getNumberOfDevices();
  }

  /**
   * The device of that number, the same object for the whole process.
   *
   * @throws NoDeviceException if the backend has fewer, does not load, or is the CPU's and {@value
   *     #BUDGET_PROPERTY} is not set
   */
  public static Device of(int ordinal) {
    int count;
    try {
      count = count();
    } catch (RuntimeException | LinkageError e) {
      throw new NoDeviceException(
          "device " + ordinal + ": expected an ND4J backend that loads, got " + e, e);
    }
    if (ordinal < 0 || ordinal >= count) {
      throw new NoDeviceException(
          "expected a device below "
              + count
              + " (the backend "
              + Nd4j.getBackend().getClass().getSimpleName()
              + " has "
              + count
              + "), got device "
              + ordinal);
    }
    if (!backendHasGpus() && System.getProperty(BUDGET_PROPERTY) == null) {
      throw new NoDeviceException(
          "expected a backend with GPUs (-Pcuda), got "
              + Nd4j.getBackend().getClass().getSimpleName()
              + "; system property "
              + BUDGET_PROPERTY
              + " makes the CPU stand for a device of so many bytes");
    }
    return DEVICES.computeIfAbsent(
        ordinal,
        number -> new Device(number, memoryOf(number), OpExecutor.ND4J, DEFAULT_SPARE_SHARE));
  }

  /**
   * Where a mode puts a model.
   *
   * @param ordinal which device, if the mode chooses one
   * @return empty for the host
   * @throws NoDeviceException if there is no such device
   */
  public static Optional<Device> chosenBy(DeviceMode mode, int ordinal) {
    return switch (mode) {
      case HOST -> Optional.empty();
      case AUTO -> backendHasGpus() ? Optional.of(of(ordinal)) : Optional.empty();
      case DEVICE -> Optional.of(of(ordinal));
    };
  }

  /** A device of this process with another executor, for the same memory and number. */
  public Device with(OpExecutor other) {
    return new Device(ordinal, memory, other, spareShare);
  }

  private static DeviceMemory memoryOf(int ordinal) {
    if (backendHasGpus()) {
      return DeviceMemory.of(
          ordinal,
          () -> NativeOpsHolder.getInstance().getDeviceNativeOps().getDeviceFreeMemory(ordinal));
    }
    return DeviceMemory.ofBudget(ordinal, Long.getLong(BUDGET_PROPERTY, 0));
  }

  /** Makes the calling thread's operations and allocations go to this device. */
  void bind() {
    attempt("binding", () -> Nd4j.getAffinityManager().unsafeSetDevice(ordinal));
  }

  /** Waits until what the calling thread has asked of the device is done. */
  void await() {
    attempt("waiting", executor::await);
  }

  /**
   * Does something on the device.
   *
   * @param what for the message
   * @throws DeviceFailureException if it fails
   */
  void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (DeviceFailureException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError e) {
      throw new DeviceFailureException("device %d: %s: %s".formatted(ordinal, what, e), e);
    }
  }
}
