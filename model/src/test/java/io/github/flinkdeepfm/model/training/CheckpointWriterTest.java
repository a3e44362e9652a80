package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWriterTest {
  @TempDir Path directory;

  private final SmallTraining small = new SmallTraining(PoolingType.SUM, true, 9);
  private final CheckpointWriter writer = new CheckpointWriter(List.of());

  @Test
  void aFullVersionIsReadBackBitForBit() throws Exception {
    DeepFmParameters parameters = DeepFmParameters.initial(small.config(), 9);
    Path features = Files.writeString(directory.resolve("features.json"), "{}");
    new CheckpointWriter(List.of(features)).write(parameters, directory.resolve("v"));

    assertThat(directory.resolve("v/features.json")).hasContent("{}");
    try (ModelWeights weights = ModelDirectory.open(directory.resolve("v")).load()) {
      assertThat(weights.config()).isEqualTo(small.config());
      assertEqual(DeepFmParameters.of(weights), parameters);
    }
  }

  @Test
  void nothingIsWrittenOfATrainingThatDiverged() {
    OptimizerOptions tooFast =
        new OptimizerOptions(
            OptimizerOptions.DenseOptimizer.SGD,
            3e38f,
            OptimizerOptions.TableOptimizer.SGD,
            3e38f,
            1e-8f);
    DeepFmParameters parameters = DeepFmParameters.initial(small.config(), 9);
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, tooFast, 4)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 5; i++) {
                  trainer.step(small.dense(4), small.bags(4), small.labels(4));
                }
              })
          .isInstanceOf(TrainingDivergedException.class);

      assertThatThrownBy(() -> writer.write(trainer, directory.resolve("full")))
          .isInstanceOf(TrainingDivergedException.class);
      assertThat(directory).isEmptyDirectory();
    }
  }

  private void assertEqual(DeepFmParameters got, DeepFmParameters expected) {
    for (StateDict.Entry entry : StateDict.dense(small.config())) {
      assertThat(got.dense(entry.name())).isEqualTo(expected.dense(entry.name()));
    }
    for (int t = 0; t < expected.tables().size(); t++) {
      assertThat(got.tables().get(t).values()).isEqualTo(expected.tables().get(t).values());
    }
  }
}
