package io.github.flinkdeepfm.model.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Tokens of an event's bytes, found in place: a method takes where a token begins and gives where
 * it ends. No token is an object, and the position stays in a register from token to token. It
 * knows JSON only, not what a field means.
 *
 * <p>It takes a part of JSON and is exact about it: what it takes is JSON (RFC 8259). What it does
 * not take ({@link #NONE}) may be JSON or not; then nothing that it found counts, and {@link
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

  /** No token that is taken here begins there. */
  static final int NONE = -1;

  /** The number that {@link #endOfNumber} found. */
  final JsonNumber number = new JsonNumber();

  byte[] bytes;
  private int end;
  private int depth;

  /**
   * Starts on an event's text, which ends before {@code end}; bytes[end - 1] is a closing brace.
   */
  void begin(byte[] bytes, int end) {
    this.bytes = bytes;
    this.end = end;
    depth = 0;
  }

  /** Whether {@code at} is behind the text. */
  boolean isEnd(int at) {
    return at == end;
  }

  /**
   * The first byte from {@code at} on that is not white space. There is one until the outermost
   * object is closed.
   */
  int skipSpace(int at) {
    return bytes[at] > ' ' ? at : skipMoreSpace(at);
  }

  private int skipMoreSpace(int at) {
    int i = at;
    while (JsonCursor.isWhiteSpace(bytes[i])) {
      i++;
    }
    return i;
  }

  /** Takes the bracket or brace at {@code at} that opens an array or object. */
  int open(int at) {
    return ++depth <= JsonCursor.MAX_NESTING ? skipSpace(at + 1) : NONE;
  }

  /** Takes the bracket or brace that closes it, if that stands at {@code at}. */
  int close(int at, char bracket) {
    depth--;
    return bytes[at] == bracket && (at + 1 < end || depth == 0) ? at + 1 : NONE;
  }

  int endOfNull(int at) {
    return endOfLiteral(at, "null");
  }

  private int endOfLiteral(int at, String literal) {
    for (int i = 0; i < literal.length(); i++) {
      if (bytes[at + i] != literal.charAt(i)) {
        return NONE;
      }
    }
    return at + literal.length();
  }

  /** Behind {@code name}, if that is what stands at {@code at}. */
  int endOf(QuotedName name, int at) {
    return at + Long.BYTES <= end
            && name.startsLike((long) WORDS.get(bytes, at))
            && (name.isWord() || name.isAt(bytes, at, end))
        ? at + name.length
        : NONE;
  }

  /** Reads the number at {@code at} into {@link #number}. */
  int endOfNumber(int at) {
    return number.scan(bytes, at);
  }

  /** Of the string that begins with a quote at {@code at}, if it has no escape. */
  int endOfText(int at) {
    int quote = plainEnd(at + 1);
    return quote < end && bytes[quote] == '"' ? quote + 1 : NONE;
  }

  /** Of any value. */
  int endOfValue(int at) {
    return switch (bytes[at]) {
      case '"' -> endOfString(at);
      case '{' -> endOfObject(at);
      case '[' -> endOfArray(at);
      case 't' -> endOfLiteral(at, "true");
      case 'f' -> endOfLiteral(at, "false");
      case 'n' -> endOfLiteral(at, "null");
      default -> endOfNumber(at);
    };
  }

  private int endOfObject(int opening) {
    int at = open(opening);
    if (at != NONE && bytes[at] == '}') {
      return close(at, '}');
    }
    while (at != NONE && bytes[at] == '"') {
      at = endOfText(at);
      if (at == NONE) {
        return NONE;
      }
      at = skipSpace(at);
      if (bytes[at] != ':') {
        return NONE;
      }
      at = endOfValue(skipSpace(at + 1));
      if (at == NONE) {
        return NONE;
      }
      at = skipSpace(at);
      if (bytes[at] != ',') {
        return close(at, '}');
      }
      at = skipSpace(at + 1);
    }
    return NONE;
  }

  private int endOfArray(int opening) {
    int at = open(opening);
    if (at != NONE && bytes[at] == ']') {
      return close(at, ']');
    }
    while (at != NONE) {
      at = endOfValue(at);
      if (at == NONE) {
        return NONE;
      }
      at = skipSpace(at);
      if (bytes[at] != ',') {
        return close(at, ']');
      }
      at = skipSpace(at + 1);
    }
    return NONE;
  }

  /** Of a string with or without escapes. */
  private int endOfString(int at) {
    int i = plainEnd(at + 1);
    while (i < end && bytes[i] == '\\') {
      int length = escapeLength(i);
      if (length == NONE) {
        return NONE;
      }
      i = plainEnd(i + length);
    }
    return i < end && bytes[i] == '"' ? i + 1 : NONE;
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
      if (i < end && bytes[i] == '"') { // eight letters: often so
        return i;
      }
    }
    while (i < end && bytes[i] != '"' && bytes[i] != '\\' && (bytes[i] & 0xE0) != 0) {
      i++;
    }
    return i;
  }
}
