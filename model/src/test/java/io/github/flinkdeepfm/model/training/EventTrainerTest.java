package io.github.flinkdeepfm.model.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.JsonEventDecoder;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventTrainerTest {
  private static final int CATEGORIES = 50;
  private static final ModelConfig CONFIG =
      new ModelConfig(
          ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
          2,
          8,
          8,
          false,
          List.of(
              new EmbeddingBagConfig("t1", CATEGORIES, 4, List.of("C1")),
              new EmbeddingBagConfig("t2", CATEGORIES, 4, List.of("C2"))));

  private final List<VersionListener.Due> due = new ArrayList<>();
  private final List<Long> learntWhenDue = new ArrayList<>();

  @Test
  void progressiveAucRisesOnAStreamThatCanBeLearnt() throws Exception {
    try (DeepFmTrainer trainer = trainer(32)) {
      EventTrainer events = eventTrainer(trainer, new TrainingSchedule(32, 0, 0));
      feed(events, 2000);
      ProgressiveMetrics first = events.takeRecentMetrics();
      feed(events, 20_000);
      events.takeRecentMetrics();
      feed(events, 8000);
      ProgressiveMetrics last = events.takeRecentMetrics();

      assertThat(last.auc()).isGreaterThan(0.75).isGreaterThan(first.auc() + 0.05);
      assertThat(last.logLoss()).isLessThan(first.logLoss());
      assertThat(events.metrics().auc()).isBetween(first.auc(), last.auc());
    }
  }

  @Test
  void twoRunsWithOneSeedWriteEqualFiles(@TempDir Path directory) throws Exception {
    CheckpointWriter writer = new CheckpointWriter(List.of());
    for (String run : List.of("a", "b")) {
      try (DeepFmTrainer trainer = trainer(32)) {
        EventTrainer events = eventTrainer(trainer, new TrainingSchedule(32, 0, 0));
        feed(events, 3010);
        events.finish();
        assertThat(events.learnt()).isEqualTo(3010);
        writer.write(trainer, directory.resolve(run));
      }
    }
    assertThat(directory.resolve("a/model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("b/model.safetensors"));
    writer.write(DeepFmParameters.initial(CONFIG, 3), directory.resolve("untrained"));
    assertThat(
            Files.mismatch(
                directory.resolve("a/model.safetensors"),
                directory.resolve("untrained/model.safetensors")))
        .isNotNegative();
  }

  @Test
  void whatCannotBeLearntFromIsCounted() throws Exception {
    try (DeepFmTrainer trainer = trainer(2)) {
      EventTrainer events = eventTrainer(trainer, new TrainingSchedule(2, 0, 0));
      for (String label : List.of("1", "0", "1.0", "0e0", "null", "2", "0.5", "\"1\"", "true")) {
        events.accept(event(label));
      }
      events.accept("{\"dense\":{\"dense_0\":1,\"dense_1\":1},\"sparse\":{}}".getBytes(UTF_8));
      events.accept("{".getBytes(UTF_8));
      events.accept("{\"label\":1}".getBytes(UTF_8));

      assertThat(events.learnt()).isEqualTo(4);
      assertThat(trainer.steps()).isEqualTo(2);
      assertThat(events.unlabelled()).isEqualTo(2);
      assertThat(events.badLabels()).isEqualTo(4);
      assertThat(events.rejected())
          .isEqualTo(Map.of(DeadLetterReason.NOT_JSON, 1L, DeadLetterReason.MISSING_DENSE, 1L));
    }
  }

  @Test
  void publicationsAreDueAtTheEventThatReachesTheirInterval() throws Exception {
    try (DeepFmTrainer trainer = trainer(4)) {
      EventTrainer events = eventTrainer(trainer, new TrainingSchedule(4, 20, 10));
      feed(events, 40);

      assertThat(learntWhenDue).containsExactly(10L, 20L, 30L, 40L);
      assertThat(trainer.steps()).isEqualTo(4 * 3);
      assertThat(due)
          .containsExactly(
              VersionListener.Due.DELTA,
              VersionListener.Due.FULL,
              VersionListener.Due.DELTA,
              VersionListener.Due.FULL);
    }
  }

  @Test
  void publicationsAreDueInsideABatchThatIsLargerThanTheirInterval() throws Exception {
    try (DeepFmTrainer trainer = trainer(256)) {
      EventTrainer events = eventTrainer(trainer, new TrainingSchedule(256, 1000, 50));
      feed(events, 200);

      assertThat(learntWhenDue).containsExactly(50L, 100L, 150L, 200L);
    }
  }

  private static DeepFmTrainer trainer(int batchSize) {
    return new DeepFmTrainer(
        DeepFmParameters.initial(CONFIG, 3), OptimizerOptions.DEFAULT, batchSize);
  }

  private EventTrainer eventTrainer(DeepFmTrainer trainer, TrainingSchedule schedule) {
    JsonEventDecoder decoder =
        new JsonEventDecoder(EventMapping.DEFAULT, FeaturesConfig.defaults(CONFIG), CONFIG);
    AtomicReference<EventTrainer> events = new AtomicReference<>();
    events.set(
        new EventTrainer(
            decoder,
            trainer,
            schedule,
            kind -> {
              due.add(kind);
              learntWhenDue.add(events.get().learnt());
            }));
    return events.get();
  }

  /** Clicks whose logit is the sum of a random effect of each category and the first number. */
  private static void feed(EventTrainer events, int count)
      throws IOException, InterruptedException {
    double[] effects = new Random(11).doubles(2 * CATEGORIES, -2, 2).toArray();
    Random random = new Random(events.learnt());
    for (int i = 0; i < count; i++) {
      int c1 = random.nextInt(CATEGORIES);
      int c2 = random.nextInt(CATEGORIES);
      double number = random.nextDouble();
      double logit = effects[c1] + effects[CATEGORIES + c2] + number;
      int label = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
      String json =
          "{\"label\":%d,\"dense\":{\"dense_0\":%s,\"dense_1\":1},\"sparse\":{\"C1\":%d,\"C2\":%d}}"
              .formatted(label, number, c1, c2);
      events.accept(json.getBytes(UTF_8));
    }
  }

  private static byte[] event(String label) {
    return "{\"label\":%s,\"dense\":{\"dense_0\":1,\"dense_1\":2},\"sparse\":{\"C1\":3}}"
        .formatted(label)
        .getBytes(UTF_8);
  }
}
