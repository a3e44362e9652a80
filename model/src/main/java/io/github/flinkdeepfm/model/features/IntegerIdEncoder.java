package io.github.flinkdeepfm.model.features;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.model.features.Encoding.OnOutOfRange;
import java.io.IOException;
import java.math.BigInteger;

/** {@link Encoding.Id}: 17 is an id; 17.0, 1e3 and "17" are not. */
final class IntegerIdEncoder extends IdEncoder {
  private final OnOutOfRange onOutOfRange;
  private final long rows;
  private final String pointer;

  IntegerIdEncoder(OnOutOfRange onOutOfRange, long rows, String pointer) {
    this.onOutOfRange = onOutOfRange;
    this.rows = rows;
    this.pointer = pointer;
  }

  @Override
  long encode(JsonCursor cursor, JsonToken token) throws IOException, RejectedEventException {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw cursor.wrongType("an integer id", pointer);
    }
    long id = cursor.fitsLong() ? ofInteger(cursor.parser.getLongValue()) : ofLarge(cursor.parser);
    if (id == REFUSED) {
      throw cursor.reject(
          DeadLetterReason.ID_OUT_OF_RANGE, "an id from 0 to " + (rows - 1), pointer);
    }
    return id;
  }

  @Override
  long ofInteger(long id) {
    if (id >= 0 && id < rows) {
      return id;
    }
    return switch (onOutOfRange) {
      case DROP -> DROPPED;
      case MODULO -> Math.floorMod(id, rows);
      case REJECT -> REFUSED;
    };
  }

  @Override
  long ofUnsigned(long bits) {
    return switch (onOutOfRange) {
      case DROP -> DROPPED;
      case MODULO -> Long.remainderUnsigned(bits, rows);
      case REJECT -> REFUSED;
    };
  }

  /** Of an integer that does not fit 64 bits. */
  private long ofLarge(JsonParser parser) throws IOException {
    return switch (onOutOfRange) {
      case DROP -> DROPPED;
      case MODULO ->
          new BigInteger(parser.getText()).mod(BigInteger.valueOf(rows)).longValueExact();
      case REJECT -> REFUSED;
    };
  }
}
