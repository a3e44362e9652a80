package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads a field that is copied through to the score, as its compact JSON text; null is absent. */
final class CopyReader implements FieldReader {
  /** The place of the label, which is copied beside the mapping's copies. */
  static final int LABEL = -1;

  private final int place;

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
    byte[] text = cursor.skipToCompactText();
    if (place == LABEL) {
      row.event.label = text;
    } else {
      row.event.copied[place] = text;
    }
  }
}
