package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * What the decoder reads of an event beside its features. One instance is reused for all events.
 */
public final class DecodedEvent {
  /** {@link #eventTime} of an event that has none. */
  public static final long NO_TIME = Long.MIN_VALUE;

  /** Epoch milliseconds, or {@link #NO_TIME}. */
  public long eventTime = NO_TIME;

  /** The label's compact JSON text in UTF-8, never written to; null if absent or null. */
  public byte[] label;

  /** The copied fields likewise, by their place in the mapping. */
  public byte[][] copied = new byte[0][];

  /** Bags that {@code max_length} cut. */
  public int cutBags;

  /** Fields that the mapping does not name, in the objects that it looks into. */
  public int unknownFields;

  /** The id's UTF-8 while nobody has asked for its text. */
  private byte[] idBytes = new byte[64];

  private int idLength;
  private boolean idIsText = true;
  private String idText;

  /** Null if the event has none. Made from its bytes when it is asked for. */
  public String eventId() {
    if (!idIsText) {
      idText = new String(idBytes, 0, idLength, UTF_8);
      idIsText = true;
    }
    return idText;
  }

  /** Null if the event has none. */
  void setEventId(String text) {
    idText = text;
    idIsText = true;
  }

  /** Copies utf8[from, to). */
  void setEventId(byte[] utf8, int from, int to) {
    idLength = to - from;
    if (idLength > idBytes.length) {
      idBytes = Arrays.copyOf(idBytes, Math.max(idLength, 2 * idBytes.length));
    }
    System.arraycopy(utf8, from, idBytes, 0, idLength);
    idIsText = false;
  }
}
