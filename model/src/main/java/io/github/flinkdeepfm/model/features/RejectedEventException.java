package io.github.flinkdeepfm.model.features;

/** An event that cannot be scored: it becomes a dead letter with this reason and detail. */
public final class RejectedEventException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final String OUR_PACKAGES = "io.github.flinkdeepfm.";

  private final DeadLetterReason reason;

  /**
   * @param detail the form "expected X, got Y (where)"; one line, of bounded length
   */
  public RejectedEventException(DeadLetterReason reason, String detail) {
    this(reason, detail, null);
  }

  private RejectedEventException(DeadLetterReason reason, String detail, Throwable cause) {
    super(detail, cause, false, false);
    this.reason = reason;
  }

  /** Of an event at which the decoder itself failed: says with what, and where in our code. */
  public static RejectedEventException decoderFailed(Throwable failure) {
    String message = failure.getMessage();
    String where = "";
    for (StackTraceElement frame : failure.getStackTrace()) {
      if (frame.getClassName().startsWith(OUR_PACKAGES)) {
        where = " (%s:%d)".formatted(frame.getFileName(), frame.getLineNumber());
        break;
      }
    }
    return new RejectedEventException(
        DeadLetterReason.DECODER_FAILED,
        "expected an event that the decoder takes or rejects, got %s%s%s"
            .formatted(
                failure.getClass().getName(),
                message == null ? "" : ": " + JsonCursor.oneLine(message),
                where),
        failure);
  }

  public DeadLetterReason reason() {
    return reason;
  }

  public String detail() {
    return getMessage();
  }
}
