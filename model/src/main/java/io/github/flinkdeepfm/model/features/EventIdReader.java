package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads the event id: a string of at most 1 KiB of UTF-8, or an integer as its text. */
final class EventIdReader extends FieldReader {
  static final int MAX_BYTES = 1024;

  private final String pointer;

  EventIdReader(String pointer) {
    this.pointer = pointer;
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    if (token != JsonToken.VALUE_STRING && token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("a string or an integer", pointer);
    }
    int bytes = cursor.requireUnicode(pointer);
    if (bytes > MAX_BYTES) {
      throw new RejectedEventException(
          DeadLetterReason.EVENT_ID_TOO_LONG,
          "expected at most 1024 bytes of UTF-8, got " + bytes + " (" + pointer + ")");
    }
    row.event.setEventId(cursor.parser.getText());
  }

  @Override
  int scan(JsonScanner json, int at, Row row) {
    byte first = json.bytes[at];
    if (first == 'n') {
      return json.endOfNull(at);
    }
    boolean quoted = first == '"';
    int end = quoted ? json.endOfText(at) : json.endOfNumber(at);
    if (end == JsonScanner.NONE || !(quoted || json.number.isInteger())) {
      return JsonScanner.NONE;
    }
    int margin = quoted ? 1 : 0;
    if (end - at - 2 * margin > MAX_BYTES) {
      return JsonScanner.NONE;
    }
    row.event.setEventId(json.bytes, at + margin, end - margin);
    return end;
  }
}
