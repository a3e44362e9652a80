package io.github.flinkdeepfm.model;

/**
 * A model directory or one of its files cannot be used. The message names the file, what was
 * expected and what was found.
 */
public final class InvalidModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidModelException(String message) {
    super(message);
  }

  public InvalidModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
