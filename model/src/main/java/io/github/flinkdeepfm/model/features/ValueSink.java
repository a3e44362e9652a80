package io.github.flinkdeepfm.model.features;

/**
 * Takes the value of one mapped field of an event whose values have types of their own, token by
 * token, as the tokens of JSON that says the same. A value is one scalar, or an array or object
 * from its beginning to its end.
 */
public interface ValueSink {

  void nullValue() throws RejectedEventException;

  void bool(boolean value) throws RejectedEventException;

  void integer(long value) throws RejectedEventException;

  /** An integer from 2^63 to 2^64 - 1, by its bits. */
  void unsigned(long bits) throws RejectedEventException;

  /** Any double, also one that is not finite. */
  void number(double value) throws RejectedEventException;

  /** An f32: for columns it is the double of the same value, its text is the shorter one. */
  default void single(float value) throws RejectedEventException {
    number(value);
  }

  /**
   * An integer of which the schema says that it is a time since 1970.
   *
   * @param perMilli its units in a millisecond
   */
  default void timestamp(long value, long perMilli) throws RejectedEventException {
    integer(value);
  }

  /** The string utf8[from, to), well-formed UTF-8 that is read before this returns. */
  void text(byte[] utf8, int from, int to) throws RejectedEventException;

  void beginArray() throws RejectedEventException;

  void endArray() throws RejectedEventException;

  void beginObject() throws RejectedEventException;

  /** The name of the value that comes next, as {@link #text}. */
  void name(byte[] utf8, int from, int to) throws RejectedEventException;

  void endObject() throws RejectedEventException;
}
