package io.github.flinkdeepfm.model.registry;

/** The registry has no schema of an id, or not all that it refers to; the message says which. */
public final class NoSuchSchemaException extends Exception {
  private static final long serialVersionUID = 1L;

  NoSuchSchemaException(String message) {
    super(message, null, false, false);
  }
}
