package io.github.flinkdeepfm.operators.refresh;

/** A version that must not become active; the message names the file, what was expected and got. */
public final class RefusedVersionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RefusalReason reason;

  public RefusedVersionException(RefusalReason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public RefusedVersionException(RefusalReason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public RefusalReason reason() {
    return reason;
  }
}
