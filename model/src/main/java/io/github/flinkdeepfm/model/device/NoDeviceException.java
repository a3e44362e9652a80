package io.github.flinkdeepfm.model.device;

/** A device is configured and is not there. The message says which one and what there is. */
public final class NoDeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public NoDeviceException(String message) {
    super(message);
  }

  public NoDeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
