package io.github.flinkdeepfm.model.features;

import java.math.BigInteger;

/** {@link Encoding.Id}: 17 is an id; 17.0, 1e3 and "17" are if they are accepted. */
final class IntegerIdEncoder extends IntegerEncoder {
  private final Encoding.OnOutOfRange onOutOfRange;
  private final long rows;

  IntegerIdEncoder(Encoding.Id id, long rows, String pointer) {
    super(id.accept(), pointer);
    this.onOutOfRange = id.onOutOfRange();
    this.rows = rows;
  }

  @Override
  String integers() {
    return accept.strings() ? "an integer id, or a string of its digits" : "an integer id";
  }

  @Override
  boolean takesText() {
    return accept.strings();
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

  @Override
  long ofLarge(String text) {
    return switch (onOutOfRange) {
      case DROP -> DROPPED;
      case MODULO -> new BigInteger(text).mod(BigInteger.valueOf(rows)).longValueExact();
      case REJECT -> REFUSED;
    };
  }

  @Override
  long ofText(byte[] utf8, int from, int to) {
    return accept.strings() ? ofDecimalText(utf8, from, to) : REFUSED;
  }

  @Override
  RejectedEventException refusedInteger(String text) {
    return reject(
        DeadLetterReason.ID_OUT_OF_RANGE,
        "an id from 0 to " + (rows - 1),
        JsonCursor.oneLine(text),
        "");
  }
}
