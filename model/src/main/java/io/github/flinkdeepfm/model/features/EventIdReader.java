package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads the event id: a string of at most 1 KiB of UTF-8, or an integer as its text. */
final class EventIdReader implements FieldReader {
  static final int MAX_BYTES = 1024;

  private final String pointer;

  EventIdReader(String pointer) {
    this.pointer = pointer;
  }

  @Override
  public void read(JsonCursor cursor, JsonToken token, Row row)
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
  public boolean scan(JsonScanner json, Row row) {
    int from = json.position();
    int to;
    switch (json.peek()) {
      case 'n' -> {
        return json.takeNull();
      }
      case '"' -> {
        if (!json.scanText()) {
          return false;
        }
        from = json.textFrom();
        to = json.textTo();
      }
      default -> {
        if (!json.scanNumber() || !json.number.isInteger()) {
          return false;
        }
        to = json.position();
      }
    }
    if (to - from > MAX_BYTES) {
      return false;
    }
    row.event.setEventId(json.bytes(), from, to);
    return true;
  }
}
