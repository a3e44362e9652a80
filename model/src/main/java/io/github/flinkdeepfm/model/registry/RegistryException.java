package io.github.flinkdeepfm.model.registry;

/** The registry did not answer as it should, again and again: nothing is known of the event. */
public final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
