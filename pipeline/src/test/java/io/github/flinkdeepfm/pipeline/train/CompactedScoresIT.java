package io.github.flinkdeepfm.pipeline.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.model.training.OptimizerOptions;
import io.github.flinkdeepfm.model.training.TrainingSchedule;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.file.FileScoring;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompactedScoresIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 2000;

  @TempDir Path folder;

  @Test
  void scoresOfBaseAndDeltasAreThoseOfTheCompactedVersion() throws Exception {
    TrainingFiles files = TrainingFiles.write(folder, EVENTS);
    Path root = folder.resolve("root");
    List<Optional<String>> bases = train(files, root);
    new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard())
        .compact("000004", PublishOptions.DEFAULT);

    List<List<String>> chained = score(files.events(), root.resolve("000004"));
    List<List<String>> compacted = score(files.events(), root.resolve("000005"));

    assertThat(bases)
        .containsExactly(
            Optional.empty(), Optional.of("000001"), Optional.of("000002"), Optional.of("000003"));
    assertThat(chained).hasSize(EVENTS).doesNotHaveDuplicates();
    assertThat(compacted).isEqualTo(chained);
    assertThat(score(files.events(), root.resolve("000003"))).isNotEqualTo(chained);
  }

  private List<Optional<String>> train(TrainingFiles files, Path root) throws Exception {
    TrainingPlan plan =
        new TrainingPlan(
            files.modelConfig(),
            files.features(),
            root.toString(),
            1,
            OptimizerOptions.DEFAULT,
            new TrainingSchedule(50, 0, 500),
            EventMapping.DEFAULT);
    List<Optional<String>> bases = new ArrayList<>();
    Path work = Files.createDirectory(folder.resolve("work"));
    try (TrainingRun run =
        new TrainingRun(
            plan, work, (publication, trainer) -> bases.add(publication.manifest().base()))) {
      for (String line : Files.readAllLines(files.events())) {
        run.trainer().accept(line.getBytes(UTF_8));
      }
      run.finish();
    }
    return bases;
  }

  /** Event id, logit and score of each event, as they are written. */
  private List<List<String>> score(Path events, Path version) throws Exception {
    Path output = folder.resolve("scores.jsonl");
    ScoringConfig config = ScoringConfig.DEFAULT;
    new FileScoring(
            events, output, config, ScoringJob.settings(config, ModelLocator.directory(version)))
        .run(soFar -> {});
    List<List<String>> scores = new ArrayList<>();
    for (String line : Files.readAllLines(output)) {
      JsonNode score = JSON.readTree(line);
      scores.add(
          List.of(
              score.get("event_id").asText(),
              score.get("logit").asText(),
              score.get("score").asText()));
    }
    return scores;
  }
}
