package io.github.flinkdeepfm.pipeline.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileScoringIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LINES = 3000;

  @TempDir Path folder;

  @Test
  void linesAreScoredInOrderAndOutputsAppearWhole() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < LINES; i++) {
      lines.append(
          i == 7 ? "nonsense\n" : "{\"metrics\":{\"x0\":1,\"x1\":2},\"ids\":{\"c0\":[3]}}\r\n");
    }
    Path input = Files.writeString(folder.resolve("_events.jsonl"), lines.append("{\"metr"));
    Path output = Files.writeString(folder.resolve("scores.jsonl"), "stale");
    ScoringConfig config = ScoringConfig.DEFAULT;

    Summary summary =
        new FileScoring(
                input,
                output,
                config,
                ScoringJob.settings(
                    config, ModelLocator.directory(TinyModel.write(folder.resolve("v1")))))
            .run(soFar -> {});

    assertThat(summary).isEqualTo(new Summary(LINES - 1, Map.of(DeadLetterReason.NOT_JSON, 2L)));
    int line = 0;
    for (String text : Files.readAllLines(output)) {
      line += line == 7 ? 1 : 0;
      JsonNode score = JSON.readTree(text);
      assertThat(score.at("/source/offset").intValue()).isEqualTo(line);
      assertThat(score.get("event_id").textValue()).isEqualTo("_events.jsonl-0-" + line);
      assertThat(score.get("event_time").isNull()).isTrue();
      line++;
    }
    assertThat(line).isEqualTo(LINES);
    assertThat(Files.readAllLines(FileScoring.deadLetters(output))).hasSize(2);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(4); // no temporary file is left
    }
  }
}
