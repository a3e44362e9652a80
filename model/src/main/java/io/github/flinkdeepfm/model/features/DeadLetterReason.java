package io.github.flinkdeepfm.model.features;

/** Why an event has no score. A closed list: the README and the tests name each of them. */
public enum DeadLetterReason {
  /** The Kafka record has no value (a tombstone). */
  TOMBSTONE,
  /** The value has no bytes, or white space only. */
  EMPTY,
  /** The value is larger than {@code event.max_bytes}. */
  TOO_LARGE,
  /** Not one JSON value in UTF-8 (RFC 8259), or nested too deeply. */
  NOT_JSON,
  /** A mapped field (or an object on the way to one) stands twice in its object. */
  DUPLICATE_FIELD,
  /**
   * The event, a value, an element, a weight or a parent has a JSON type that its rule does not
   * take.
   */
  WRONG_TYPE,
  /** The event id is longer than 1 KiB of UTF-8. */
  EVENT_ID_TOO_LONG,
  /** The event time cannot be read in the configured format, or is before 1970. */
  BAD_EVENT_TIME,
  /** A dense feature without a default is null or absent. */
  MISSING_DENSE,
  /** A dense value or a weight is not finite as f32 after its transforms. */
  NOT_FINITE,
  /** An id is outside its table and {@code on_out_of_range} is {@code reject}. */
  ID_OUT_OF_RANGE,
  /** A string is not 1 to 16 hexadecimal digits. */
  BAD_HEX,
  /** The weights of a bag are not as many as its ids. */
  RAGGED_WEIGHTS,
  /** The bag of one event has more ids than {@code event.max_ids}. */
  TOO_MANY_IDS,
  /** Key, headers, label and copied fields together are too large for an output record. */
  OUTPUT_TOO_LARGE,
  /** The model's logit is NaN or infinite. */
  LOGIT_NOT_FINITE,
  /** Not Avro or Protobuf of its schema, not framed as configured, or nested too deeply. */
  MALFORMED,
  /** The schema registry has no schema of the id that the event names. */
  UNKNOWN_SCHEMA,
  /** The decoder itself fails at the event, by a fault of its own or for want of memory. */
  DECODER_FAILED
}
