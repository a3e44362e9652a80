package io.github.flinkdeepfm.model.features;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an event carries what is not a feature. Pointers are JSON pointers (RFC 6901).
 *
 * @param id pointer to the event id
 * @param time pointer to the event time
 * @param timeFormat how the event time is written
 * @param label pointer to the label, copied through to the score
 * @param copy pointers to further fields that are copied through, in output order
 * @param maxBytes larger events are dead letters
 * @param maxIds events with more ids than this over all features are dead letters
 * @param format how the event's bytes are written
 */
public record EventMapping(
    String id,
    String time,
    TimeFormat timeFormat,
    String label,
    List<String> copy,
    int maxBytes,
    int maxIds,
    EventFormat format)
    implements Serializable {

  /** The contract's layout. */
  public static final EventMapping DEFAULT =
      new EventMapping(
          "/event_id", "/event_time", TimeFormat.EPOCH_MS, "/label", List.of(), 16 << 20, 1 << 16);

  /** Of JSON. */
  public EventMapping(
      String id,
      String time,
      TimeFormat timeFormat,
      String label,
      List<String> copy,
      int maxBytes,
      int maxIds) {
    this(id, time, timeFormat, label, copy, maxBytes, maxIds, EventFormat.JSON);
  }

  /** The same of events in another format. */
  public EventMapping withFormat(EventFormat other) {
    return new EventMapping(id, time, timeFormat, label, copy, maxBytes, maxIds, other);
  }

  /** The same with another bound. */
  public EventMapping withMaxIds(int most) {
    return new EventMapping(id, time, timeFormat, label, copy, maxBytes, most, format);
  }

  public EventMapping {
    copy = new ArrayList<>(copy); // a serializable list
  }

  /** How an event time is written. */
  public enum TimeFormat {
    /** A JSON integer, milliseconds since 1970. */
    EPOCH_MS,
    /** A JSON number, seconds since 1970, fractions allowed. */
    EPOCH_S,
    /** An ISO 8601 string; without an offset it is UTC. */
    ISO8601
  }
}
