package io.github.flinkdeepfm.pipeline.format;

import io.github.flinkdeepfm.operators.DeadLetter;

/**
 * Writes a dead letter:
 *
 * <pre>{@code
 * {"reason":"NOT_JSON","detail":"expected an object, got an array (offset 0)",
 *  "source":{"topic":"events","partition":0,"offset":17},"scored_at":1700000000123,
 *  "payload":"WzFd"}
 * }</pre>
 *
 * {@code payload} holds the event's bytes in base64, null for a tombstone; when they were cut,
 * {@code payload_length} says how many there were. Not thread-safe: it reuses its buffer.
 */
public final class DeadLetterJson {
  private final JsonBytes json = new JsonBytes();

  /**
   * Writes a dead letter as one JSON object in UTF-8, without a newline.
   *
   * @param payloadLimit bytes of the event that are kept at most
   */
  public byte[] write(DeadLetter letter, int payloadLimit) {
    json.clear().raw("{\"reason\":").string(letter.reason().name());
    json.raw(",\"detail\":").string(letter.detail()).raw(",");
    SourceJson.write(letter.event().source(), json);
    json.raw(",\"scored_at\":").number(letter.rejectedAt()).raw(",\"payload\":");
    byte[] value = letter.event().value();
    if (value == null) {
      return json.raw("null}").toByteArray();
    }
    json.base64(value, Math.min(value.length, payloadLimit));
    if (value.length > payloadLimit) {
      json.raw(",\"payload_length\":").number(value.length);
    }
    return json.raw("}").toByteArray();
  }
}
