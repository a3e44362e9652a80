package io.github.flinkdeepfm.model.modules;

/** An id is not a row of its table. */
public final class IdOutOfRangeException extends IndexOutOfBoundsException {
  private static final long serialVersionUID = 1L;

  private IdOutOfRangeException(String message) {
    super(message);
  }

  /**
   * @param position where the id stands in the KJT's values
   */
  public static IdOutOfRangeException of(long id, long rows, int position) {
    return new IdOutOfRangeException(
        "expected 0 <= id < " + rows + ", got " + id + " (values[" + position + "])");
  }

  /** The same, saying where it happened. */
  public IdOutOfRangeException in(String where) {
    IdOutOfRangeException named = new IdOutOfRangeException(where + ": " + getMessage());
    named.initCause(this);
    return named;
  }
}
