package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.file.LineReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Labels that came later and elsewhere, {@code {"event_id":"a1","label":1}} each, by event id; of
 * several for one event the last counts. Looked up from several threads once it is read.
 */
final class Labels {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Label> labels = new HashMap<>();

  private static final class Label {
    final double value;
    volatile boolean used;

    Label(double value) {
      this.value = value;
    }
  }

  /** No labels but the events' own. */
  static Labels none() {
    return new Labels();
  }

  /**
   * Reads JSON lines, or the values of a topic.
   *
   * @param source a file if there is one of this name, else a topic
   * @throws IOException if a line or record is not a label
   */
  static Labels read(String source, JobConfig config) throws IOException {
    Labels labels = new Labels();
    Path file = Path.of(source);
    if (Files.exists(file)) {
      try (LineReader lines = new LineReader(source, Files.newInputStream(file))) {
        for (RawEvent line = lines.read(); line != null; line = lines.read()) {
          labels.add(line, false);
        }
      }
    } else {
      KafkaRecording.readTopic(config, source, labels::add);
    }
    return labels;
  }

  private void add(RawEvent record, boolean appended) throws IOException {
    JsonNode json;
    try {
      json = record.value() == null ? null : JSON.readTree(record.value());
    } catch (JsonProcessingException e) {
      json = null;
    }
    JsonNode id = json == null ? null : json.get("event_id");
    double value = json == null ? Double.NaN : value(json.path("label"));
    if (id == null || !(id.isTextual() || id.isIntegralNumber()) || Double.isNaN(value)) {
      throw new IOException(
          "%s: expected {\"event_id\":…,\"label\":0 or 1}, got %s"
              .formatted(
                  record.source().asEventId(),
                  record.value() == null
                      ? "nothing"
                      : new String(record.value(), StandardCharsets.UTF_8)));
    }
    labels.put(id.asText(), new Label(value));
  }

  /** The event's label from here, else its own; NaN if it has none that is 0 or 1. */
  double of(ScoredEvent event) {
    Label label = labels.get(event.eventId());
    if (label != null) {
      label.used = true;
      return label.value;
    }
    if (event.label() == null) {
      return Double.NaN;
    }
    try {
      return value(JSON.readTree(event.label()));
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** Labels that no event of the range had a use for. */
  long unmatched() {
    return labels.values().stream().filter(label -> !label.used).count();
  }

  private static double value(JsonNode label) {
    if (label.isBoolean()) {
      return label.booleanValue() ? 1 : 0;
    }
    double value = label.isNumber() ? label.doubleValue() : Double.NaN;
    return value == 0 || value == 1 ? value : Double.NaN;
  }
}
