package io.github.flinkdeepfm.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * A record of the score topic, read back.
 *
 * @param partition of the event
 * @param offset of the event
 * @param scoredAt epoch milliseconds
 */
public record CommittedScore(
    int partition, long offset, String eventId, String version, float logit, long scoredAt) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static CommittedScore parse(byte[] value) throws IOException {
    JsonNode score = JSON.readTree(value);
    return new CommittedScore(
        score.at("/source/partition").intValue(),
        score.at("/source/offset").longValue(),
        score.get("event_id").textValue(),
        score.get("model_version").textValue(),
        Float.parseFloat(score.get("logit").asText()),
        score.get("scored_at").longValue());
  }
}
