package io.github.flinkdeepfm.model.device;

/**
 * An operation failed on the device: it is lost, out of memory, or its driver is broken. What was
 * being computed is lost; a task that sees this fails, and Flink restarts it.
 */
public final class DeviceFailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DeviceFailureException(String message, Throwable cause) {
    super(message, cause);
  }
}
