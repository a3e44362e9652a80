package io.github.flinkdeepfm.model.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Tokens of an event's bytes, found in place: no token is an object, and a string is a range of the
 * bytes. It knows JSON only, not what a field means.
 *
 * <p>It takes a part of JSON and is exact about it: what it takes is JSON (RFC 8259). What it does
 * not take ({@code false}) may be JSON or not; then nothing that it found counts, and {@link
 * JsonCursor} reads the event from its start. Not taken are escapes in names and in strings that
 * are used, and numbers of more than 64 characters.
 *
 * <p>The bytes have to be UTF-8, and the last one a closing brace: numbers and literals end there
 * at the latest, so that their loops need no other bound.
 */
final class JsonScanner {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGH_BITS = ONES << 7;
  private static final long QUOTES = ONES * '"';
  private static final long BACKSLASHES = ONES * '\\';
  private static final long SPACES = ONES * ' ';

  private static final int NONE = -1;

  /** The number that {@link #scanNumber} found. */
  final JsonNumber number = new JsonNumber();

  private byte[] bytes;
  private int end;
  private int at;
  private int depth;
  private int textFrom;
  private int textTo;

  /** Starts at {@code from}; bytes[end - 1] is a closing brace. */
  void begin(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.end = end;
    at = from;
    depth = 0;
  }

  byte[] bytes() {
    return bytes;
  }

  int position() {
    return at;
  }

  /** Goes back to where a value begins, to read it again. */
  void goTo(int position) {
    at = position;
  }

  boolean isAtEnd() {
    return at == end;
  }

  /**
   * The next byte that is not white space, which the scanner then stands at. There is one until the
   * outermost object is closed.
   */
  int peek() {
    byte b = bytes[at];
    return b > ' ' ? b : peekBehindSpace();
  }

  private int peekBehindSpace() {
    while (JsonCursor.isWhiteSpace(bytes[at])) {
      at++;
    }
    return bytes[at];
  }

  /** Takes {@code symbol} if it comes next. */
  boolean take(char symbol) {
    if (peek() != symbol) {
      return false;
    }
    at++;
    return true;
  }

  /** Takes the bracket or brace at hand, which opens an array or object. */
  boolean open() {
    at++;
    return ++depth <= JsonCursor.MAX_NESTING;
  }

  /** Takes the bracket or brace that closes it, if it comes next. */
  boolean close(char bracket) {
    depth--;
    return take(bracket) && (at < end || depth == 0);
  }

  /** Takes the literal at hand if it is null. */
  boolean takeNull() {
    return takeLiteral("null");
  }

  private boolean takeLiteral(String literal) {
    for (int i = 0; i < literal.length(); i++) {
      if (bytes[at + i] != literal.charAt(i)) {
        return false;
      }
    }
    at += literal.length();
    return true;
  }

  /** Takes the name at hand if it is this one. */
  boolean takeName(QuotedName name) {
    if (at + Long.BYTES > end || !name.startsLike((long) WORDS.get(bytes, at))) {
      return false;
    }
    int next = at + name.length();
    if (!name.isWord() && !name.isAt(bytes, at, end)) {
      return false;
    }
    at = next;
    return true;
  }

  /** Scans the number at hand into {@link #number}. */
  boolean scanNumber() {
    int next = number.scan(bytes, at);
    if (next == JsonNumber.NONE) {
      return false;
    }
    at = next;
    return true;
  }

  /** Scans the string at hand, if it has no escape: {@link #textFrom} to {@link #textTo}. */
  boolean scanText() {
    int quote = plainEnd(at + 1);
    if (quote >= end || bytes[quote] != '"') {
      return false;
    }
    textFrom = at + 1;
    textTo = quote;
    at = quote + 1;
    return true;
  }

  /** Where the text of the string begins that was scanned last. */
  int textFrom() {
    return textFrom;
  }

  /** Where it ends. */
  int textTo() {
    return textTo;
  }

  /** Skips the value at hand, whatever it is. */
  boolean skipValue() {
    return switch (peek()) {
      case '"' -> skipString();
      case '{' -> skipObject();
      case '[' -> skipArray();
      case 't' -> takeLiteral("true");
      case 'f' -> takeLiteral("false");
      case 'n' -> takeLiteral("null");
      default -> scanNumber();
    };
  }

  private boolean skipObject() {
    if (!open()) {
      return false;
    }
    if (peek() != '}') {
      do {
        if (peek() != '"' || !scanText() || !take(':') || !skipValue()) {
          return false;
        }
      } while (take(','));
    }
    return close('}');
  }

  private boolean skipArray() {
    if (!open()) {
      return false;
    }
    if (peek() != ']') {
      do {
        if (!skipValue()) {
          return false;
        }
      } while (take(','));
    }
    return close(']');
  }

  private boolean skipString() {
    int i = plainEnd(at + 1);
    while (i < end && bytes[i] == '\\') {
      int length = escapeLength(i);
      if (length == NONE) {
        return false;
      }
      i = plainEnd(i + length);
    }
    at = i + 1;
    return i < end && bytes[i] == '"';
  }

  /** Of the escape at {@code i}, the backslash included. */
  private int escapeLength(int i) {
    if (i + 6 > end) {
      return NONE;
    }
    switch (bytes[i + 1]) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {
        return 2;
      }
      case 'u' -> {
        int digits = HexEncoder.digit(bytes[i + 2]) | HexEncoder.digit(bytes[i + 3]);
        digits |= HexEncoder.digit(bytes[i + 4]) | HexEncoder.digit(bytes[i + 5]);
        return digits < 0 ? NONE : 6;
      }
      default -> {
        return NONE;
      }
    }
  }

  /**
   * Where the first quote, backslash or control character from {@code i} on stands, or {@link
   * #end}.
   *
   * <p>Eight bytes at once. A byte of x is 0 where (x - 1) borrows and x had no high bit; likewise
   * for bytes below 32. A borrow can mark wrong bytes, but only behind a right one.
   */
  private int plainEnd(int i) {
    while (i + Long.BYTES <= end) {
      long word = (long) WORDS.get(bytes, i);
      long quote = word ^ QUOTES;
      long backslash = word ^ BACKSLASHES;
      long marks = (quote - ONES) & ~quote;
      marks |= (backslash - ONES) & ~backslash;
      marks |= (word - SPACES) & ~word;
      marks &= HIGH_BITS;
      if (marks != 0) {
        return i + (Long.numberOfTrailingZeros(marks) >>> 3);
      }
      i += Long.BYTES;
    }
    while (i < end && bytes[i] != '"' && bytes[i] != '\\' && (bytes[i] & 0xE0) != 0) {
      i++;
    }
    return i;
  }
}
