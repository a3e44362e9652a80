package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Takes nothing but null, which is absent: subclasses take what their field's rule takes. */
abstract class FieldSink implements ValueSink {
  final String pointer;

  FieldSink(String pointer) {
    this.pointer = pointer;
  }

  /** What the field's rule takes, for a detail. */
  abstract String expected();

  /** A value that is not taken. */
  void refuse(String got) throws RejectedEventException {
    throw reject(DeadLetterReason.WRONG_TYPE, expected(), got);
  }

  RejectedEventException reject(DeadLetterReason reason, String expected, Object got) {
    return new RejectedEventException(
        reason, "expected " + expected + ", got " + got + " (" + pointer + ")");
  }

  @Override
  public void nullValue() throws RejectedEventException {}

  @Override
  public void bool(boolean value) throws RejectedEventException {
    refuse(String.valueOf(value));
  }

  @Override
  public void integer(long value) throws RejectedEventException {
    refuse(String.valueOf(value));
  }

  @Override
  public void unsigned(long bits) throws RejectedEventException {
    refuse(Long.toUnsignedString(bits));
  }

  @Override
  public void number(double value) throws RejectedEventException {
    refuse(String.valueOf(value));
  }

  @Override
  public void text(byte[] utf8, int from, int to) throws RejectedEventException {
    refuse(quoted(utf8, from, to));
  }

  @Override
  public void beginArray() throws RejectedEventException {
    refuse("an array");
  }

  @Override
  public void endArray() throws RejectedEventException {}

  @Override
  public void beginObject() throws RejectedEventException {
    refuse("an object");
  }

  @Override
  public void name(byte[] utf8, int from, int to) throws RejectedEventException {}

  @Override
  public void endObject() throws RejectedEventException {}

  static String quoted(byte[] utf8, int from, int to) {
    return '"' + JsonCursor.oneLine(new String(utf8, from, to - from, UTF_8)) + '"';
  }

  /** The nearest double, ties to even. */
  static double unsignedToDouble(long bits) {
    return (double) (bits >>> 1 | (bits & 1)) * 2; // the lowest bit decides ties only
  }
}
