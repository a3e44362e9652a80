package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.util.Arrays;

/**
 * Compact JSON text under way, in a buffer that is reused. Numbers are the shortest that read back
 * as the same double or float; one that is not finite is the string "NaN", "Infinity" or
 * "-Infinity"; of strings only what JSON demands is escaped.
 */
final class JsonText {
  private static final int USUAL = 1 << 16;
  private static final int MAX_BYTES = 1 << 26;
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(US_ASCII);
  private static final byte[] NULL = "null".getBytes(US_ASCII);
  private static final byte[] TRUE = "true".getBytes(US_ASCII);
  private static final byte[] FALSE = "false".getBytes(US_ASCII);

  private byte[] bytes = new byte[256];
  private int size;
  private boolean afterValue;

  void clear() {
    size = 0;
    afterValue = false;
    if (bytes.length > USUAL) {
      bytes = new byte[256];
    }
  }

  /** The text is bytes[0, size). */
  byte[] bytes() {
    return bytes;
  }

  int size() {
    return size;
  }

  void nullValue() throws RejectedEventException {
    value(NULL);
  }

  void bool(boolean value) throws RejectedEventException {
    value(value ? TRUE : FALSE);
  }

  void integer(long value) throws RejectedEventException {
    value(Long.toString(value).getBytes(US_ASCII));
  }

  void unsigned(long bits) throws RejectedEventException {
    value(Long.toUnsignedString(bits).getBytes(US_ASCII));
  }

  void number(double value) throws RejectedEventException {
    boolean finite = Double.isFinite(value);
    value(ascii(finite ? NumberOutput.toString(value, true) : "\"" + value + '"'));
  }

  void number(float value) throws RejectedEventException {
    boolean finite = Float.isFinite(value);
    value(ascii(finite ? NumberOutput.toString(value, true) : "\"" + value + '"'));
  }

  void text(byte[] utf8, int from, int to) throws RejectedEventException {
    beginValue();
    quote(utf8, from, to);
    afterValue = true;
  }

  void name(byte[] utf8, int from, int to) throws RejectedEventException {
    beginValue();
    quote(utf8, from, to);
    append(':');
    afterValue = false;
  }

  /** Begins an array or object. */
  void begin(char bracket) throws RejectedEventException {
    beginValue();
    append(bracket);
    afterValue = false;
  }

  void end(char bracket) throws RejectedEventException {
    reserve(1);
    append(bracket);
    afterValue = true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private void value(byte[] text) throws RejectedEventException {
    beginValue();
    reserve(text.length);
    System.arraycopy(text, 0, bytes, size, text.length);
    size += text.length;
    afterValue = true;
  }

  private void beginValue() throws RejectedEventException {
    reserve(2);
    if (afterValue) {
      append(',');
    }
  }

  private void quote(byte[] utf8, int from, int to) throws RejectedEventException {
    reserve(6L * (to - from) + 3);
    append('"');
    for (int i = from; i < to; i++) {
      byte b = utf8[i];
      if (b < 0 || (b >= ' ' && b != '"' && b != '\\')) {
        bytes[size++] = b;
      } else {
        escape(b);
      }
    }
    append('"');
  }

  private void escape(byte b) {
    append('\\');
    switch (b) {
      case '"', '\\' -> append((char) b);
      case '\b' -> append('b');
      case '\t' -> append('t');
      case '\n' -> append('n');
      case '\f' -> append('f');
      case '\r' -> append('r');
      default -> {
        append('u');
        append('0');
        append('0');
        bytes[size++] = HEX[b >> 4];
        bytes[size++] = HEX[b & 15];
      }
    }
  }

  private void append(char c) {
    bytes[size++] = (byte) c;
  }

  private void reserve(long more) throws RejectedEventException {
    long need = size + more;
    if (need > MAX_BYTES) {
      throw new RejectedEventException(
          DeadLetterReason.OUTPUT_TOO_LARGE,
          "expected copied fields of at most " + MAX_BYTES + " bytes as JSON, got more");
    }
    if (need > bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(need, 2L * bytes.length));
    }
  }
}
