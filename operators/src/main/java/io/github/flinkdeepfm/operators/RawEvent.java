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
public record RawEvent(
    SourceCoordinates source, long timestamp, byte[] key, byte[] value, EventHeader[] headers) {

  /** A record without a timestamp. */
  public static final long NO_TIMESTAMP = -1;
}
