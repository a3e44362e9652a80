package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;

/** What {@code id} and {@code hash} have in common: integers, and what {@link Accept} adds. */
abstract class IntegerEncoder extends IdEncoder {
  private static final double LARGEST_FLOAT = 0x1p53;
  private static final int DIGITS_OF_LONG = 18; // any so many fit
  private static final String FLOAT = "an integral float of at most 2^53";

  final Accept accept;

  IntegerEncoder(Accept accept, String pointer) {
    super(pointer);
    this.accept = accept;
  }

  /** What is taken without any {@link Accept}. */
  abstract String integers();

  @Override
  final String expected() {
    return integers() + (accept.floats() ? ", or " + FLOAT : "");
  }

  @Override
  final long ofNumber(double value) {
    return accept.floats() && isIntegral(value) ? ofInteger((long) value) : REFUSED;
  }

  @Override
  final long ofDecimal(JsonNumber number) {
    return accept.floats() && number.isExact() ? ofNumber(number.doubleValue()) : REFUSED;
  }

  @Override
  final long ofDecimal(JsonParser parser) throws IOException {
    return accept.floats() && isIntegral(parser.getText())
        ? ofNumber(parser.getDoubleValue())
        : REFUSED;
  }

  /** Of the integer that the string is; {@link #REFUSED} if it is none. */
  final long ofDecimalText(byte[] utf8, int from, int to) {
    if (!isDecimal(utf8, from, to)) {
      return REFUSED;
    }
    if (to - from <= DIGITS_OF_LONG) {
      int first = utf8[from] == '-' ? from + 1 : from;
      long value = 0;
      for (int i = first; i < to; i++) {
        value = value * 10 + (utf8[i] - '0');
      }
      return ofInteger(first > from ? -value : value);
    }
    String text = new String(utf8, from, to - from, US_ASCII);
    BigInteger value = new BigInteger(text);
    return value.bitLength() < Long.SIZE ? ofInteger(value.longValue()) : ofLarge(text);
  }

  @Override
  final RejectedEventException refusedNumber(String text) {
    if (isIntegral(text)) {
      return accept.floats()
          ? refusedInteger(text)
          : refused(text, "; \"accept\": [\"float\"] would take it");
    }
    return refused(
        text,
        Math.abs(Double.parseDouble(text)) >= LARGEST_FLOAT
            ? "; from 2^53 on a float does not tell integers apart: send integers"
            : "");
  }

  @Override
  final RejectedEventException refusedText(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    boolean decimal = isDecimal(utf8, 0, utf8.length);
    if (decimal && accept.strings()) {
      return refusedInteger(quoted(text));
    }
    return refused(quoted(text), decimal ? "; \"accept\": [\"string\"] would take it" : "");
  }

  private RejectedEventException refused(String got, String hint) {
    return reject(DeadLetterReason.WRONG_TYPE, expected(), JsonCursor.oneLine(got), hint);
  }

  private static boolean isIntegral(double value) {
    return Math.abs(value) <= LARGEST_FLOAT && value == Math.rint(value);
  }

  /** By all its digits: 9007199254740993.0 is the double of another number. */
  private static boolean isIntegral(String number) {
    if (!isIntegral(Double.parseDouble(number))) {
      return false;
    }
    try {
      BigDecimal exact = new BigDecimal(number);
      return exact.stripTrailingZeros().scale() <= 0
          && exact.abs().compareTo(BigDecimal.valueOf(1L << 53)) <= 0;
    } catch (NumberFormatException e) { // an exponent of more than 32 bits
      return false;
    }
  }

  /** Whether the text is a JSON integer. */
  private static boolean isDecimal(byte[] utf8, int from, int to) {
    int first = to > from && utf8[from] == '-' ? from + 1 : from;
    int digits = to - first;
    if (digits == 0
        || digits > JsonCursor.MAX_NUMBER_LENGTH
        || (digits > 1 && utf8[first] == '0')) {
      return false;
    }
    for (int i = first; i < to; i++) {
      if (utf8[i] < '0' || utf8[i] > '9') {
        return false;
      }
    }
    return true;
  }
}
