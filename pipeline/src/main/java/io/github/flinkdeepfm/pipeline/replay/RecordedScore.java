package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.job.ScoreRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a record of the score or dead-letter topic says, as far as a replay needs it.
 *
 * @param source the event's coordinates
 * @param eventId empty for a dead letter
 * @param logit NaN for a dead letter
 * @param modelVersion empty for a dead letter
 * @param numerics fingerprint of the arithmetic; empty if the record has no such header
 * @param timing queue, batch, score and sink in milliseconds, -1 where unknown; null if all are
 * @param reason of a dead letter; null for a score
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RecordedScore(
    SourceCoordinates source,
    String eventId,
    float logit,
    String modelVersion,
    String numerics,
    float[] timing,
    String reason) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads a score.
   *
   * @param appended whether the record's timestamp tells when the broker appended it
   * @throws IOException if it is not of the score's layout, saying how
   */
  static RecordedScore score(RawEvent record, boolean appended) throws IOException {
    RecordedScore score = read(record, appended);
    if (score.eventId == null || score.modelVersion == null || !Float.isFinite(score.logit)) {
      throw new IOException("expected event_id, model_version and a finite logit");
    }
    return score;
  }

  /** Reads a dead letter, in the same way. */
  static RecordedScore deadLetter(RawEvent record) throws IOException {
    RecordedScore letter = read(record, false);
    if (letter.reason == null) {
      throw new IOException("expected a reason");
    }
    return letter;
  }

  private static RecordedScore read(RawEvent record, boolean appended) throws IOException {
    if (record.value() == null) {
      throw new IOException("expected a JSON object, got no value");
    }
    SourceCoordinates source = null;
    String eventId = null;
    float logit = Float.NaN;
    String version = null;
    String reason = null;
    long scoredAt = -1;
    try (JsonParser json = JSON.createParser(record.value())) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("expected a JSON object, got " + json.currentToken());
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken token = json.nextToken();
        switch (field) {
          case "event_id" -> eventId = token == JsonToken.VALUE_STRING ? json.getText() : null;
          case "model_version" -> version = token == JsonToken.VALUE_STRING ? json.getText() : null;
          case "logit" ->
              // Not by way of a double, which would round twice.
              logit = token.isNumeric() ? Float.parseFloat(json.getText()) : Float.NaN;
          case "reason" -> reason = token == JsonToken.VALUE_STRING ? json.getText() : null;
          case "scored_at" ->
              scoredAt = token == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
          case "source" -> source = token == JsonToken.START_OBJECT ? source(json) : null;
          default -> json.skipChildren();
        }
        if (json.currentToken().isStructStart()) {
          json.skipChildren(); // of a field that should have been a plain value
        }
      }
    }
    if (source == null) {
      throw new IOException("expected source: {topic, partition, offset}");
    }
    return new RecordedScore(
        source,
        eventId,
        logit,
        version,
        numerics(record),
        timing(record, appended && scoredAt >= 0 ? record.timestamp() - scoredAt : -1),
        reason);
  }

  private static SourceCoordinates source(JsonParser json) throws IOException {
    String topic = null;
    long partition = -1;
    long offset = -1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken token = json.nextToken();
      switch (field) {
        case "topic" -> topic = token == JsonToken.VALUE_STRING ? json.getText() : null;
        case "partition" ->
            partition = token == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
        case "offset" -> offset = token == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
        default -> json.skipChildren();
      }
    }
    return topic == null || partition < 0 || partition > Integer.MAX_VALUE || offset < 0
        ? null
        : new SourceCoordinates(topic, (int) partition, offset);
  }

  private static String numerics(RawEvent record) {
    return header(record, ScoreRecords.NUMERICS);
  }

  private static float[] timing(RawEvent record, long sink) {
    float[] timing = {-1, -1, -1, sink};
    String[] parts = header(record, ScoreRecords.TIMING).split(",", -1);
    if (parts.length == 3) {
      try {
        for (int i = 0; i < parts.length; i++) {
          timing[i] = Float.parseFloat(parts[i]);
        }
        return timing;
      } catch (NumberFormatException e) {
        Arrays.fill(timing, 0, 3, -1); // Not ours: some header of the same name.
      }
    }
    return sink < 0 ? null : timing;
  }

  /** Its text, empty if it is not there. */
  private static String header(RawEvent record, String key) {
    for (EventHeader header : record.headers()) {
      if (header.key().equals(key) && header.value() != null) {
        return new String(header.value(), StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
