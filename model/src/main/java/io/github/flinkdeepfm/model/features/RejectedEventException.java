package io.github.flinkdeepfm.model.features;

/** An event that cannot be scored: it becomes a dead letter with this reason and detail. */
public final class RejectedEventException extends Exception {
  private static final long serialVersionUID = 1L;

  private final DeadLetterReason reason;

  /**
   * @param detail the form "expected X, got Y (where)"; one line, of bounded length
   */
  public RejectedEventException(DeadLetterReason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  public DeadLetterReason reason() {
    return reason;
  }

  public String detail() {
    return getMessage();
  }
}
