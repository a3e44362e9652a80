package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.flinkdeepfm.model.registry.Framing;

/**
 * Why an event is no JSON. What producers write instead, again and again, is named, with what to do
 * about it.
 */
final class NotJson {
  private static final int[] UTF8_BOM = {0xEF, 0xBB, 0xBF};
  private static final int[] UTF16_LE_BOM = {0xFF, 0xFE};
  private static final int[] UTF16_BE_BOM = {0xFE, 0xFF};
  private static final int[] GZIP = {0x1F, 0x8B};
  private static final int[] ZSTD = {0x28, 0xB5, 0x2F, 0xFD};
  private static final int[] LZ4 = {0x04, 0x22, 0x4D, 0x18};
  private static final int[] SNAPPY_FRAMED = {0xFF, 0x06, 0x00, 0x00, 's', 'N', 'a', 'P', 'p', 'Y'};
  private static final int[] SNAPPY_JAVA = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0x00};

  private NotJson() {}

  /**
   * Of bytes that the parser does not take.
   *
   * @param body where the value's text should begin, behind a frame
   * @param parsedFrom where the parser began
   */
  static RejectedEventException rejection(
      byte[] value, int body, JsonProcessingException e, int parsedFrom) {
    String message = e.getOriginalMessage();
    long at =
        e.getLocation() == null ? -1 : parsedFrom + offset(value, parsedFrom, e.getLocation());
    if (message.startsWith("Non-standard token '")) { // of the one that Jackson could allow
      String token = message.substring(message.indexOf('\'') + 1, message.lastIndexOf('\''));
      return rejection(
          token
              + (at < 0 ? "" : " (byte " + (at - token.length()) + ")") // behind it Jackson stops
              + ": JSON has no NaN and no Infinity; Python's json.dumps writes them unless"
              + " allow_nan=False; send null");
    }
    String where = at < 0 ? "" : " (byte " + at + ")";
    return rejection(value, body, JsonCursor.oneLine(message) + where);
  }

  /** In bytes; a parser of chars has counted those. */
  private static long offset(byte[] value, int from, JsonLocation location) {
    if (location.getByteOffset() >= 0) {
      return location.getByteOffset();
    }
    int at = from;
    for (long chars = location.getCharOffset(); chars > 0 && at < value.length; at++) {
      boolean tail = (value[at] & 0xC0) == 0x80;
      boolean pair = (value[at] & 0xF8) == 0xF0;
      chars -= tail ? 0 : pair ? 2 : 1;
    }
    while (at < value.length && (value[at] & 0xC0) == 0x80) {
      at++;
    }
    return at - from;
  }

  /**
   * Of bytes of which {@code otherwise} says what is wrong, if their beginning is not known for
   * something else.
   */
  static RejectedEventException rejection(byte[] value, int body, String otherwise) {
    String known = beginning(value, body);
    return rejection(known == null ? otherwise : "a value that " + known);
  }

  static RejectedEventException rejection(String got) {
    return new RejectedEventException(
        DeadLetterReason.NOT_JSON, "expected one JSON object in UTF-8, got " + got);
  }

  private static String beginning(byte[] value, int body) {
    if (startsWith(value, body, UTF8_BOM)) {
      return "starts with a UTF-8 byte order mark (EF BB BF): write it without one"
          + " (Python: encoding \"utf-8\", not \"utf-8-sig\")";
    }
    if (startsWith(value, body, UTF16_LE_BOM) || startsWith(value, body, UTF16_BE_BOM)) {
      return "starts with a UTF-16 byte order mark: write it in UTF-8, without one";
    }
    String codec = codec(value, body);
    if (codec != null) {
      return "looks like "
          + codec
          + ": set compression.type on the producer rather than compressing the value";
    }
    if (body == 0) {
      for (Framing framing : new Framing[] {Framing.CONFLUENT, Framing.APICURIO_V2}) {
        if (framing.isFramed(value)
            && value.length > framing.length()
            && value[framing.length()] == '{') {
          boolean confluent = framing == Framing.CONFLUENT;
          return "looks like %s's frame (a zero byte, schema id %d) before JSON: set"
                  .formatted(confluent ? "Confluent" : "Apicurio 2", framing.id(value))
              + " event.registry.framing: "
              + (confluent ? "confluent" : "apicurio_v2");
        }
      }
    }
    return null;
  }

  /** Null if it is none that Kafka's producers compress with, too. */
  private static String codec(byte[] value, int body) {
    if (startsWith(value, body, GZIP)) {
      return "gzip";
    }
    if (startsWith(value, body, ZSTD)) {
      return "zstd";
    }
    if (startsWith(value, body, LZ4)) {
      return "lz4";
    }
    boolean snappy = startsWith(value, body, SNAPPY_FRAMED) || startsWith(value, body, SNAPPY_JAVA);
    return snappy ? "snappy" : null;
  }

  private static boolean startsWith(byte[] value, int from, int[] magic) {
    if (value.length - from < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((value[from + i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
