package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads the value of one mapped field into the row under way. Reused for all events. */
abstract class FieldReader {

  /** Forgets the event before. */
  void begin() {}

  /**
   * Reads the value that starts at {@code token}, null included; on return the cursor stands at its
   * last token.
   */
  abstract void read(JsonCursor cursor, JsonToken token, Row row)
      throws IOException, RejectedEventException;

  /**
   * Reads the value that begins at {@code at}, null included, as {@link #read} would.
   *
   * @return where it ends, or {@link JsonScanner#NONE} if it is unusual or wrong: then the event is
   *     read again, by {@link #read}
   */
  abstract int scan(JsonScanner json, int at, Row row);

  /** Completes the row after the whole event has been read, also where the field was absent. */
  void finish(Row row) throws RejectedEventException {}
}
