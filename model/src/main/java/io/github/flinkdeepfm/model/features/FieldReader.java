package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads the value of one mapped field into the row under way. Reused for all events. */
interface FieldReader {

  /** Forgets the event before. */
  default void begin() {}

  /**
   * Reads the value that starts at {@code token}, null included; on return the cursor stands at its
   * last token.
   */
  void read(JsonCursor cursor, JsonToken token, Row row) throws IOException, RejectedEventException;

  /**
   * Reads the value that {@code json} stands at, null included, as {@link #read} would; on return
   * the scanner stands behind it.
   *
   * @return false if the value is unusual or wrong: then the event is read again, by {@link #read}
   */
  boolean scan(JsonScanner json, Row row);

  /** Completes the row after the whole event has been read, also where the field was absent. */
  default void finish(Row row) throws RejectedEventException {}
}
