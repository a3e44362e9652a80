package io.github.flinkdeepfm.pipeline.format;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import java.util.List;

/**
 * Writes a score:
 *
 * <pre>{@code
 * {"event_id":"a1","event_time":1700000000000,"logit":-0.31,"score":0.423,"model_version":"000042",
 *  "source":{"topic":"events","partition":0,"offset":17},"scored_at":1700000000123,
 *  "shadow":{"model_version":"000043","logit":-0.3,"score":0.426},
 *  "label":1,"fields":{"/user/id":"u7"}}
 * }</pre>
 *
 * {@code shadow} is there if a second version scores, its numbers null where that version has none
 * for the event. {@code label} is there if the event had one, {@code fields} if fields are copied;
 * a field that the event does not have is absent. {@code event_time} is null where neither event
 * nor record has a time. Not thread-safe: it reuses its buffer.
 */
public final class ScoreJson {
  private final String[] copy;
  private final JsonBytes json = new JsonBytes();

  /**
   * @param copy the pointers of the copied fields, in the order of {@link ScoredEvent#copied}
   */
  public ScoreJson(List<String> copy) {
    this.copy = copy.toArray(String[]::new);
  }

  /** The score as one JSON object in UTF-8, without a newline. */
  public byte[] write(ScoredEvent event) {
    json.clear().raw("{\"event_id\":").string(event.eventId()).raw(",\"event_time\":");
    if (event.timestamp() == RawEvent.NO_TIMESTAMP) {
      json.raw("null");
    } else {
      json.number(event.timestamp());
    }
    json.raw(",\"logit\":").number(event.logit());
    json.raw(",\"score\":").number(event.score());
    json.raw(",\"model_version\":").string(event.modelVersion()).raw(",");
    SourceJson.write(event.event().source(), json);
    json.raw(",\"scored_at\":").number(event.scoredAt());
    if (event.shadow() != null) {
      writeShadow(event.shadow());
    }
    if (event.label() != null) {
      json.raw(",\"label\":").raw(event.label());
    }
    if (copy.length > 0) {
      writeFields(event.copied());
    }
    return json.raw("}").toByteArray();
  }

  private void writeShadow(ScoredEvent.Shadow shadow) {
    json.raw(",\"shadow\":{\"model_version\":").string(shadow.modelVersion());
    if (Float.isFinite(shadow.logit())) {
      json.raw(",\"logit\":").number(shadow.logit());
      json.raw(",\"score\":").number(shadow.score()).raw("}");
    } else {
      json.raw(",\"logit\":null,\"score\":null}");
    }
  }

  private void writeFields(byte[][] copied) {
    json.raw(",\"fields\":{");
    String separator = "";
    for (int i = 0; i < copy.length; i++) {
      if (copied[i] != null) {
        json.raw(separator).string(copy[i]).raw(":").raw(copied[i]);
        separator = ",";
      }
    }
    json.raw("}");
  }
}
