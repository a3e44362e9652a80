package io.github.flinkdeepfm.operators;

import java.io.IOException;

/**
 * The storage of a model root gave no answer: nothing is known about its versions, and another try
 * may succeed. Whereas {@link io.github.flinkdeepfm.model.InvalidModelException} says what the root
 * has, or has not.
 */
public final class ModelRootUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelRootUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  static ModelRootUnavailableException of(String root, IOException failure) {
    return new ModelRootUnavailableException(
        root + ": expected an answer of the model root's storage, got " + failure, failure);
  }
}
