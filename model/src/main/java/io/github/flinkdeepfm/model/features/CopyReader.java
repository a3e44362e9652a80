package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** Reads a field that is copied through to the score, as its compact JSON text; null is absent. */
final class CopyReader implements FieldReader {
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
  public void read(JsonCursor cursor, JsonToken token, Row row) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      return;
    }
    set(row, cursor.skipToCompactText());
  }

  @Override
  public boolean scan(JsonScanner json, Row row) {
    int first = json.peek();
    if (first == 'n') {
      return json.takeNull();
    }
    int from = json.position();
    if (!json.skipValue()) {
      return false;
    }
    boolean scalar = first != '{' && first != '[';
    byte[] bytes = json.bytes();
    int to = json.position();
    set(
        row,
        scalar
            ? recent.of(bytes, from, to)
            : JsonCursor.compact(Arrays.copyOfRange(bytes, from, to)));
    return true;
  }

  private void set(Row row, byte[] text) {
    if (place == LABEL) {
      row.event.label = text;
    } else {
      row.event.copied[place] = text;
    }
  }
}
