package io.github.flinkdeepfm.model.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Runs a model directory's encoding sample: the raw events of {@code sample.jsonl} from bytes to
 * score, against {@code sample_scores.jsonl}, line by line, which the trainer's own code made.
 * Tolerance as in {@link ParityCheck}.
 */
public final class EncodingCheck {
  public static final String EVENTS = "sample.jsonl";
  public static final String SCORES = "sample_scores.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private EncodingCheck() {}

  /**
   * Empty if the directory has no sample.
   *
   * @throws InvalidModelException if the sample is broken, or one of its events is rejected
   */
  public static Optional<ParityReport> run(Path directory, ServingModel model) {
    Path events = directory.resolve(EVENTS);
    Path scores = directory.resolve(SCORES);
    if (!Files.exists(events) && !Files.exists(scores)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          compare(events, Files.readAllLines(events), scores, Files.readAllLines(scores), model));
    } catch (IOException e) {
      throw new InvalidModelException(
          directory + ": expected " + EVENTS + " and " + SCORES + " to be readable, got " + e, e);
    }
  }

  private static ParityReport compare(
      Path eventsFile,
      List<String> events,
      Path scoresFile,
      List<String> scores,
      ServingModel model)
      throws IOException {
    if (events.size() != scores.size() || events.isEmpty()) {
      throw new InvalidModelException(
          scoresFile
              + ": expected a line for each of the "
              + events.size()
              + " events of "
              + EVENTS
              + ", got "
              + scores.size());
    }
    EventDecoder decoder = model.newDecoder(EventMapping.DEFAULT);
    FeatureBatch batch = decoder.newBatch();
    DecodedEvent decoded = new DecodedEvent();
    double[] expectedLogits = new double[events.size()];
    double[] expectedScores = new double[events.size()];
    for (int line = 0; line < events.size(); line++) {
      try {
        decoder.decode(events.get(line).getBytes(StandardCharsets.UTF_8), batch, decoded);
      } catch (RejectedEventException e) {
        throw new InvalidModelException(
            eventsFile
                + ":"
                + (line + 1)
                + ": expected an event that can be scored, got "
                + e.reason()
                + ": "
                + e.detail(),
            e);
      }
      JsonNode expected = JSON.readTree(scores.get(line));
      checkId(scoresFile, line, expected.path("event_id").asText(null), decoded.eventId());
      expectedLogits[line] = number(scoresFile, line, expected, "logit");
      expectedScores[line] = number(scoresFile, line, expected, "score");
    }
    float[] logits = new float[events.size()];
    float[] sigmoids = new float[events.size()];
    try (DeepFmScorer scorer = model.newScorer()) {
      scorer.score(batch.dense(), batch.toKeyedJaggedTensor(), logits);
    }
    for (int i = 0; i < logits.length; i++) {
      sigmoids[i] = DeepFmScorer.sigmoid(logits[i]);
    }
    return new ParityReport(
        List.of(
            Comparison.of("sample logit", expectedLogits, logits),
            Comparison.of("sample score", expectedScores, sigmoids)),
        List.of());
  }

  private static void checkId(Path file, int line, String expected, String got) {
    if (expected != null && got != null && !expected.equals(got)) {
      throw new InvalidModelException(
          file + ":" + (line + 1) + ": expected the events' order, " + got + ", got " + expected);
    }
  }

  private static double number(Path file, int line, JsonNode node, String field) {
    if (!node.path(field).isNumber()) {
      throw new InvalidModelException(
          file + ":" + (line + 1) + ": expected a number " + field + ", got " + node.path(field));
    }
    return node.path(field).asDouble();
  }
}
