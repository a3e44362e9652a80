package io.github.flinkdeepfm.model.features;

/**
 * What the decoder reads of an event beside its features. One instance is reused for all events.
 */
public final class DecodedEvent {
  /** {@link #eventTime} of an event that has none. */
  public static final long NO_TIME = Long.MIN_VALUE;

  /** Null if the event has none. */
  public String eventId;

  /** Epoch milliseconds, or {@link #NO_TIME}. */
  public long eventTime = NO_TIME;

  /** The label's compact JSON text in UTF-8; null if absent or null. */
  public byte[] label;

  /** The copied fields' compact JSON text in UTF-8, by their place in the mapping; null: absent. */
  public byte[][] copied = new byte[0][];

  /** Bags that {@code max_length} cut. */
  public int cutBags;

  /** Fields that the mapping does not name, in the objects that it looks into. */
  public int unknownFields;
}
