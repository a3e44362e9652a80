package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Turns an element into an id of its feature's table: 0 ≤ id &lt; rows, or {@link #DROPPED}.
 *
 * <p>The {@code of} methods give {@link #REFUSED} for what the feature's rule does not take; the
 * {@code encode} methods are the same and say why.
 */
abstract class IdEncoder {
  /** The element leaves its bag. */
  static final long DROPPED = -1;

  /** The element is of a type, or has a value, that the feature's rule does not take. */
  static final long REFUSED = -2;

  private final String pointer;
  private final Utf8Scratch scratch = new Utf8Scratch();

  /**
   * @param pointer names the feature in details
   */
  IdEncoder(String pointer) {
    this.pointer = pointer;
  }

  /** What is taken, for a detail. */
  abstract String expected();

  /** Whether some string is taken. */
  abstract boolean takesText();

  /** Of an integer. */
  long ofInteger(long value) {
    return REFUSED;
  }

  /** Of an integer from 2^63 to 2^64 - 1, by its bits. */
  long ofUnsigned(long bits) {
    return ofLarge(Long.toUnsignedString(bits));
  }

  /** Of an integer that does not fit 64 bits signed, by its decimal text. */
  long ofLarge(String text) {
    return REFUSED;
  }

  /** Of a finite number that is not known to be an integer. */
  long ofNumber(double value) {
    return REFUSED;
  }

  /** Of a number with a fraction or an exponent, or of an integer that does not fit 64 bits. */
  long ofDecimal(JsonNumber number) {
    return ofNumber(number.doubleValue());
  }

  /** Of the number with a fraction or an exponent that the parser stands at. */
  long ofDecimal(JsonParser parser) throws IOException {
    return ofNumber(parser.getDoubleValue());
  }

  /** Of the string utf8[from, to), well-formed UTF-8. */
  long ofText(byte[] utf8, int from, int to) {
    return REFUSED;
  }

  /** The id of the element that starts at {@code token}. */
  final long encode(JsonCursor cursor, JsonToken token) throws IOException, RejectedEventException {
    switch (token) {
      case VALUE_STRING -> {
        if (!takesText()) {
          throw refusedText(cursor.text());
        }
        scratch.encode(cursor, pointer);
        long id = ofText(scratch.bytes, 0, scratch.length);
        if (id == REFUSED) {
          throw refusedText(cursor.text());
        }
        return id;
      }
      case VALUE_NUMBER_INT -> {
        JsonParser parser = cursor.parser;
        long id = cursor.fitsLong() ? ofInteger(parser.getLongValue()) : ofLarge(parser.getText());
        if (id == REFUSED) {
          throw refusedInteger(cursor.text());
        }
        return id;
      }
      case VALUE_NUMBER_FLOAT -> {
        long id = ofDecimal(cursor.parser);
        if (id == REFUSED) {
          throw refusedNumber(cursor.text());
        }
        return id;
      }
      default -> throw refused(cursor.describe());
    }
  }

  final long encodeInteger(long value) throws RejectedEventException {
    long id = ofInteger(value);
    if (id == REFUSED) {
      throw refusedInteger(String.valueOf(value));
    }
    return id;
  }

  final long encodeUnsigned(long bits) throws RejectedEventException {
    long id = ofUnsigned(bits);
    if (id == REFUSED) {
      throw refusedInteger(Long.toUnsignedString(bits));
    }
    return id;
  }

  final long encodeNumber(double value) throws RejectedEventException {
    long id = ofNumber(value);
    if (id == REFUSED) {
      throw refusedNumber(String.valueOf(value));
    }
    return id;
  }

  final long encodeText(byte[] utf8, int from, int to) throws RejectedEventException {
    long id = ofText(utf8, from, to);
    if (id == REFUSED) {
      throw refusedText(new String(utf8, from, to - from, UTF_8));
    }
    return id;
  }

  RejectedEventException refusedInteger(String text) {
    return refused(JsonCursor.oneLine(text));
  }

  RejectedEventException refusedNumber(String text) {
    return refused(JsonCursor.oneLine(text));
  }

  /**
   * @param text may be cut, where no number is as long
   */
  RejectedEventException refusedText(String text) {
    return refused(quoted(text));
  }

  /** An element of a type that is not taken, or of none that any encoding takes. */
  final RejectedEventException refused(String got) {
    return reject(DeadLetterReason.WRONG_TYPE, expected(), got, "");
  }

  /**
   * @param hint what to do about it, or ""
   */
  final RejectedEventException reject(
      DeadLetterReason reason, String expected, String got, String hint) {
    return new RejectedEventException(
        reason, "expected " + expected + ", got " + got + " (" + pointer + ")" + hint);
  }

  static String quoted(String text) {
    return '"' + JsonCursor.oneLine(text) + '"';
  }

  /**
   * The encoder of a feature.
   *
   * @param rows num_embeddings of the feature's table
   */
  static IdEncoder of(SparseFeature feature, long rows) {
    String pointer = feature.source();
    Encoding encoding = feature.encoding();
    if (encoding instanceof Encoding.Id id) {
      return new IntegerIdEncoder(id, rows, pointer);
    }
    if (encoding instanceof Encoding.Hash hash) {
      return new HashEncoder(hash, pointer);
    }
    if (encoding instanceof Encoding.Hex hex) {
      return new HexEncoder(hex, rows, pointer);
    }
    if (encoding instanceof Encoding.Vocabulary vocabulary) {
      return new VocabularyEncoder(vocabulary, pointer);
    }
    return new BucketEncoder((Encoding.Bucketize) encoding, pointer);
  }
}
