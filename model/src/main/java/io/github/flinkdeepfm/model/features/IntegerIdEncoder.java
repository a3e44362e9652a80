package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.model.features.Encoding.OnOutOfRange;
import java.io.IOException;
import java.math.BigInteger;

/** {@link Encoding.Id}: 17 is an id; 17.0, 1e3 and "17" are not. */
final class IntegerIdEncoder implements IdEncoder {
  private final OnOutOfRange onOutOfRange;
  private final long rows;
  private final String pointer;

  IntegerIdEncoder(OnOutOfRange onOutOfRange, long rows, String pointer) {
    this.onOutOfRange = onOutOfRange;
    this.rows = rows;
    this.pointer = pointer;
  }

  @Override
  public long encode(JsonCursor cursor, JsonToken token)
      throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("an integer id", pointer);
    }
    JsonParser parser = cursor.parser;
    boolean isLong = cursor.fitsLong();
    if (isLong) {
      long id = parser.getLongValue();
      if (id >= 0 && id < rows) {
        return id;
      }
    }
    return switch (onOutOfRange) {
      case DROP -> DROPPED;
      case MODULO ->
          isLong
              ? Math.floorMod(parser.getLongValue(), rows)
              : new BigInteger(parser.getText()).mod(BigInteger.valueOf(rows)).longValueExact();
      case REJECT ->
          throw cursor.reject(
              DeadLetterReason.ID_OUT_OF_RANGE, "an id from 0 to " + (rows - 1), pointer);
    };
  }
}
