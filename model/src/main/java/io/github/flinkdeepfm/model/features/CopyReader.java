package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;

/** Reads a field that is copied through to the score, as its compact JSON text; null is absent. */
final class CopyReader extends FieldReader {
  /** The place of the label, which is copied beside the mapping's copies. */
  static final int LABEL = -1;

  private static final int RECENT = 16;
  private static final int MAX_KEPT = 32;

  private final int place;

  /** Texts seen lately, by length and last byte. */
  private final byte[][] recent = new byte[RECENT][];

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
      set(row, text(json.bytes, at, end, first != '{' && first != '['));
    }
    return end;
  }

  /** One array for equal short texts, labels above all. */
  private byte[] text(byte[] bytes, int from, int to, boolean scalar) {
    int slot = (bytes[to - 1] + to - from) & (RECENT - 1);
    byte[] text = recent[slot];
    if (text != null && Arrays.equals(text, 0, text.length, bytes, from, to)) {
      return text;
    }
    text = Arrays.copyOfRange(bytes, from, to);
    if (!scalar) {
      return JsonCursor.compact(text);
    }
    if (text.length <= MAX_KEPT) {
      recent[slot] = text;
    }
    return text;
  }

  private void set(Row row, byte[] text) {
    if (place == LABEL) {
      row.event.label = text;
    } else {
      row.event.copied[place] = text;
    }
  }
}
