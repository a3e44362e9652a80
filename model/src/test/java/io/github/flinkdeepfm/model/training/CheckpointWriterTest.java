package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
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
    new CheckpointWriter(List.of(features)).writeFull(parameters, directory.resolve("v"));

    assertThat(directory.resolve("v/features.json")).hasContent("{}");
    try (ModelWeights weights = ModelDirectory.open(directory.resolve("v")).load()) {
      assertThat(weights.config()).isEqualTo(small.config());
      assertEqual(DeepFmParameters.of(weights), parameters);
    }
  }

  @Test
  void aDeltaAppliedToItsBaseIsTheTrainedModel() throws Exception {
    DeepFmParameters parameters = DeepFmParameters.initial(small.config(), 9);
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 2)) {
      trainer.step(small.dense(2), small.bags(2), small.labels(2));
      writer.writeFull(trainer, directory.resolve("base"));
      trainer.changedRows().forEach(BitSet::clear);
      KeyedJaggedTensor kjt =
          KeyedJaggedTensor.fromLengthsSync(
              List.of("a", "b", "c"), new long[] {6, 1}, new int[] {1, 1, 0}, new float[] {1, 2});
      trainer.step(small.dense(1), kjt, new float[] {1});
      writer.writeDelta(trainer, directory.resolve("delta"));
      DeepFmParameters applied = applied();

      assertEqual(applied, trainer.parameters());
    }
  }

  /** The base with the delta's values in place of its own. */
  private DeepFmParameters applied() {
    try (ModelWeights weights = ModelDirectory.open(directory.resolve("base")).load();
        SafetensorsFile delta =
            SafetensorsFile.open(directory.resolve("delta").resolve(ModelDirectory.DELTA))) {
      DeepFmParameters base = DeepFmParameters.of(weights);
      EmbeddingBagConfig shared = small.config().tables().get(0);
      assertThat(delta.readLongs(StateDict.deltaRows(shared))).containsExactly(1, 6);
      assertThat(delta.tensors())
          .doesNotContainKey(StateDict.deltaRows(small.config().tables().get(1)));
      float[] values = delta.readFloats(StateDict.deltaValues(shared));
      System.arraycopy(values, 0, base.tables().get(0).values(), 4, 4);
      System.arraycopy(values, 4, base.tables().get(0).values(), 6 * 4, 4);
      return DeepFmParameters.of(small.config(), delta::readFloats, base.tables());
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

      assertThatThrownBy(() -> writer.writeFull(trainer, directory.resolve("full")))
          .isInstanceOf(TrainingDivergedException.class);
      assertThatThrownBy(() -> writer.writeDelta(trainer, directory.resolve("delta")))
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
