package io.github.flinkdeepfm.operators;

/**
 * One record of the event topic, undecoded. Immutable; the arrays are never written to.
 *
 * @param source where it came from
 * @param timestamp the record's own timestamp in epoch milliseconds, or {@link #NO_TIMESTAMP}
 * @param key the record's key; null if it has none
 * @param value the event's bytes; null for a tombstone
 * @param headers in the record's order
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RawEvent(
    SourceCoordinates source, long timestamp, byte[] key, byte[] value, EventHeader[] headers) {

  /** A record without a timestamp. */
  public static final long NO_TIMESTAMP = -1;

  /** Most bytes of the two lengths that stand before a header's key and value. */
  private static final int HEADER_FRAME = 10;

  /** The most bytes that key and headers take in the record of a score or a dead letter. */
  public long outputBytes() {
    long bytes = key == null ? 0 : key.length;
    for (EventHeader header : headers) {
      int length = header.value() == null ? 0 : header.value().length;
      bytes += HEADER_FRAME + 3L * header.key().length() + length; // UTF-8 of a char: 3 at most
    }
    return bytes;
  }
}
