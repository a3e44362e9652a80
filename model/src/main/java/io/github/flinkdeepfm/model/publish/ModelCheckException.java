package io.github.flinkdeepfm.model.publish;

/** A well-formed model failed a check of its values; it was not published. */
public final class ModelCheckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelCheckException(String message) {
    super(message);
  }
}
