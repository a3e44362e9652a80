package io.github.flinkdeepfm.model.features;

/** What an event of any format is checked for first. */
final class Bodies {
  private Bodies() {}

  static void require(byte[] value, int maxBytes) throws RejectedEventException {
    if (value == null) {
      throw new RejectedEventException(
          DeadLetterReason.TOMBSTONE, "expected an event, got no value");
    }
    if (value.length > maxBytes) {
      throw new RejectedEventException(
          DeadLetterReason.TOO_LARGE,
          "expected at most " + maxBytes + " bytes, got " + value.length);
    }
  }
}
