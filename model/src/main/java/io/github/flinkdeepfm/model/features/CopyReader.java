package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** Reads a field that is copied through to the score, as its compact JSON text; null is absent. */
final class CopyReader extends FieldReader {
  /** The place of the label, which is copied beside the mapping's copies. */
  static final int LABEL = -1;

  private final int place;
  private final RecentTexts recent = new RecentTexts();

  /**
   * @param place its place in {@link DecodedEvent#copied}, or {@link #LABEL}
   */
  CopyReader(int place) {
    this.place = place;
  }

  @Override
  void read(JsonCursor cursor, JsonToken token, Row row) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    set(row, cursor.skipToCompactText());
  }

  @Override
  int scan(JsonScanner json, int at, Row row) {
    byte first = json.bytes[at];
    if (first == 'n') {
      return json.endOfNull(at);
    }
    int end = json.endOfValue(at);
    if (end != JsonScanner.NONE) {
      boolean scalar = first != '{' && first != '[';
      set(
          row,
          scalar
              ? recent.of(json.bytes, at, end)
              : JsonCursor.compact(Arrays.copyOfRange(json.bytes, at, end)));
    }
    return end;
  }

  private void set(Row row, byte[] text) {
    if (place == LABEL) {
      row.event.label = text;
    } else {
      row.event.copied[place] = text;
    }
  }
}
