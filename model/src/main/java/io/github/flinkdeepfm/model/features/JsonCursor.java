package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.NumberInput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A streaming parser over one event or one value inside it, with what the readers of values share:
 * the source text of a value, and rejections in the form "expected X, got Y (pointer)".
 */
final class JsonCursor implements AutoCloseable {
  /** Objects and arrays inside one another, the event itself counted. */
  static final int MAX_NESTING = 64;

  /** Digits of one number. */
  static final int MAX_NUMBER_LENGTH = 1000;

  private static final int MAX_DETAIL = 80;

  /** Jackson has no table of names for chars alone. */
  private static final JsonFactory JSON_WITHOUT_TABLE =
      newFactory().rebuild().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  /**
   * Larger events are read {@link #withoutTable}: looking up names of one hash takes their number
   * squared, and in so many bytes there are few.
   */
  private static final int MOST_WITH_TABLE = 1 << 16;

  private static final String TABLE_IS_FULL = "Spill-over slots in symbol table";

  private final JsonFactory json;
  private final byte[] bytes;
  private final int from;

  /** The text, if it is parsed without a table of names; else null. */
  private final String chars;

  final JsonParser parser;

  /**
   * A parser of its own table of names. Field names are not interned, because a producer chooses
   * them; the size of an event bounds its strings and names. The bytes are known to be UTF-8, so no
   * other encoding is guessed from them.
   */
  static JsonFactory newFactory() {
    return JsonFactory.builder()
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .enable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
        .disable(JsonFactory.Feature.CHARSET_DETECTION)
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(MAX_NESTING)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .maxStringLength(Integer.MAX_VALUE)
                .maxNameLength(Integer.MAX_VALUE)
                .build())
        .build();
  }

  /**
   * A cursor over a whole event.
   *
   * @param json of {@link #newFactory}
   */
  static JsonCursor of(JsonFactory json, byte[] bytes, int from) throws IOException {
    return bytes.length - from > MOST_WITH_TABLE
        ? withoutTable(bytes, from)
        : new JsonCursor(json, bytes, from);
  }

  private JsonCursor(JsonFactory json, byte[] bytes, int from) throws IOException {
    this(json, bytes, from, bytes.length - from);
  }

  private JsonCursor(JsonFactory json, byte[] bytes, int from, int length) throws IOException {
    this.json = json;
    this.bytes = bytes;
    this.from = from;
    this.chars = null;
    this.parser = json.createParser(bytes, from, length);
  }

  private JsonCursor(String chars) throws IOException {
    this.json = JSON_WITHOUT_TABLE;
    this.bytes = null;
    this.from = 0;
    this.chars = chars;
    this.parser = json.createParser(chars.toCharArray());
  }

  /**
   * A cursor that does without the parser's table of names. It takes longer, but no longer for the
   * names that somebody has chosen for their hash, of which each is compared with those before. It
   * takes one digit more of a number that begins with a lone zero.
   */
  static JsonCursor withoutTable(byte[] bytes, int from) throws IOException {
    return new JsonCursor(new String(bytes, from, bytes.length - from, UTF_8));
  }

  /** Whether the event is to be read {@link #withoutTable}, for that is all that is wrong. */
  static boolean isTableFull(JsonProcessingException e) {
    return e instanceof StreamConstraintsException
        && e.getOriginalMessage().startsWith(TABLE_IS_FULL);
  }

  /** A value's place in the event's text: [start, end). */
  record Span(int start, int end) {}

  /** Skips the value at hand. */
  Span skipValue() throws IOException {
    int start = from + offset(parser.currentTokenLocation());
    parser.skipChildren();
    parser.finishToken();
    return new Span(start, from + offset(parser.currentLocation()));
  }

  private int offset(JsonLocation location) {
    return (int) (chars == null ? location.getByteOffset() : location.getCharOffset());
  }

  /** A cursor of its own over a skipped value. */
  JsonCursor over(Span span) throws IOException {
    return chars == null
        ? new JsonCursor(json, bytes, span.start, span.end - span.start)
        : new JsonCursor(chars.substring(span.start, span.end));
  }

  /** Skips the value at hand and gives its source text, without white space between tokens. */
  byte[] skipToCompactText() throws IOException {
    boolean scalar = parser.currentToken().isScalarValue();
    Span span = skipValue();
    byte[] text =
        chars == null
            ? Arrays.copyOfRange(bytes, span.start, span.end)
            : chars.substring(span.start, span.end).getBytes(UTF_8);
    return scalar ? text : compact(text);
  }

  /** Without white space between tokens; {@code json} is overwritten. */
  static byte[] compact(byte[] json) {
    int size = 0;
    boolean inString = false;
    for (int i = 0; i < json.length; i++) {
      byte b = json[i];
      if (inString && b == '\\') {
        json[size++] = b;
        json[size++] = json[++i];
        continue;
      }
      inString ^= b == '"';
      if (inString || !isWhiteSpace(b)) {
        json[size++] = b;
      }
    }
    return Arrays.copyOf(json, size);
  }

  static boolean isWhiteSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  /**
   * Whether the integer at hand fits 64 bits. Read from its text: after {@code getNumberType} of a
   * larger integer, Jackson 2.18.2 gives that integer again as the double of a later number.
   */
  boolean fitsLong() throws IOException {
    char[] chars = parser.getTextCharacters();
    int from = parser.getTextOffset();
    boolean negative = chars[from] == '-';
    int sign = negative ? 1 : 0;
    return NumberInput.inLongRange(chars, from + sign, parser.getTextLength() - sign, negative);
  }

  /**
   * The string at hand is used: it has to be Unicode text.
   *
   * @return its length in UTF-8
   */
  int requireUnicode(String pointer) throws IOException, RejectedEventException {
    int length =
        Utf8.length(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    if (length == Utf8.UNPAIRED) {
      throw unpairedSurrogate(pointer);
    }
    return length;
  }

  RejectedEventException unpairedSurrogate(String pointer) {
    return new RejectedEventException(
        DeadLetterReason.NOT_JSON,
        "expected Unicode text, got an unpaired surrogate (" + pointer + ")");
  }

  RejectedEventException wrongType(String expected, String pointer) throws IOException {
    return reject(DeadLetterReason.WRONG_TYPE, expected, pointer);
  }

  /** A rejection of the value at hand. */
  RejectedEventException reject(DeadLetterReason reason, String expected, String pointer)
      throws IOException {
    return new RejectedEventException(
        reason, "expected " + expected + ", got " + describe() + " (" + pointer + ")");
  }

  /** The value at hand, for a detail. */
  String describe() throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return "an object";
    }
    if (token == JsonToken.START_ARRAY) {
      return "an array";
    }
    String text = oneLine(text());
    return token == JsonToken.VALUE_STRING ? '"' + text + '"' : text;
  }

  /** The text of the string, number or literal at hand, cut where no number is as long. */
  String text() throws IOException {
    return new String(
        parser.getTextCharacters(),
        parser.getTextOffset(),
        Math.min(parser.getTextLength(), MAX_NUMBER_LENGTH + 8));
  }

  /** Text of a producer's making, fit for a detail: at most 80 chars, no line breaks. */
  static String oneLine(String text) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_DETAIL); i++) {
      char c = text.charAt(i);
      boolean visible = !Character.isISOControl(c) && c != '\u2028' && c != '\u2029';
      line.append(visible && !Character.isSurrogate(c) ? c : '?');
    }
    return text.length() > MAX_DETAIL ? line + "…" : line.toString();
  }

  @Override
  public void close() throws IOException {
    parser.close();
  }
}
