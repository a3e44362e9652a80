package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.training.OptimizerOptions.DenseOptimizer;
import io.github.flinkdeepfm.model.training.OptimizerOptions.TableOptimizer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeepFmTrainerTest {
  private static final int BATCH = 8;

  private final SmallTraining small = new SmallTraining(PoolingType.MEAN, false, 5);
  private final DeepFmParameters parameters = DeepFmParameters.initial(small.config(), 5);

  @Test
  void predictsAsTheScorerWouldBeforeItLearns() {
    float[] dense = small.dense(BATCH);
    KeyedJaggedTensor kjt = small.bags(BATCH);
    float[] expected = new float[BATCH];
    List<EmbeddingTable> tables = new ArrayList<>(parameters.tables());
    try (HostDeepFm model = new HostDeepFm(small.config(), parameters::dense, tables);
        DeepFmScorer scorer = model.newScorer();
        DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, BATCH)) {
      scorer.score(dense, kjt, expected);

      float[] logits = trainer.step(dense, kjt, small.labels(BATCH));

      for (int i = 0; i < BATCH; i++) {
        assertThat(logits[i]).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  @Test
  void onlyRowsOfTheBatchChange() {
    float[] before = parameters.tables().get(1).values().clone();
    KeyedJaggedTensor kjt =
        KeyedJaggedTensor.fromLengthsSync(
            List.of("a", "b", "c"), new long[] {5, 2, 5}, new int[] {0, 0, 0, 0, 2, 1});
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 2)) {
      trainer.step(small.dense(2), kjt, new float[] {1, 1});

      float[] after = parameters.tables().get(1).values();
      for (int i = 0; i < after.length; i++) {
        boolean named = i / 4 == 2 || i / 4 == 5;
        assertThat(after[i] != before[i]).as("element " + i).isEqualTo(named);
      }
    }
  }

  @Test
  void aSmallerBatchLearnsAsInATrainerOfItsOwnSize() {
    DeepFmParameters same = DeepFmParameters.initial(small.config(), 5);
    float[] dense = small.dense(3);
    KeyedJaggedTensor kjt = small.bags(3);
    float[] labels = small.labels(3);
    try (DeepFmTrainer wide = new DeepFmTrainer(parameters, sgd(0.1f), BATCH);
        DeepFmTrainer exact = new DeepFmTrainer(same, sgd(0.1f), 3)) {
      wide.step(dense, kjt, labels);
      exact.step(dense, kjt, labels);

      for (StateDict.Entry entry : StateDict.dense(small.config())) {
        float[] expected = same.dense(entry.name());
        for (int i = 0; i < expected.length; i++) {
          assertThat(parameters.dense(entry.name())[i]).isCloseTo(expected[i], within(1e-6f));
        }
      }
    }
  }

  @Test
  void aLearningRateThatIsTooLargeNamesStepAndTensorAndWithholdsTheParameters() {
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, sgd(3e38f), BATCH)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 5; i++) {
                  trainer.step(small.dense(BATCH), small.bags(BATCH), small.labels(BATCH));
                }
              })
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageContaining("training step 2")
          .hasMessageContaining("logits");
      assertThatThrownBy(trainer::parameters).isInstanceOf(TrainingDivergedException.class);
      assertThatThrownBy(
              () -> trainer.step(small.dense(BATCH), small.bags(BATCH), small.labels(BATCH)))
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageContaining("training step 2");
    }
  }

  @Test
  void anUpdateThatOverflowsNamesItsParameter() {
    float[] dense = small.dense(BATCH);
    for (int i = 0; i < dense.length; i++) {
      dense[i] *= 1e6f;
    }
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, sgd(3e38f), BATCH)) {
      assertThatThrownBy(() -> trainer.step(dense, small.bags(BATCH), small.labels(BATCH)))
          .isInstanceOf(TrainingDivergedException.class)
          .hasMessageContaining("training step 1")
          .hasMessageContaining(StateDict.DENSE_0_WEIGHT);
    }
  }

  @Test
  void anIdOutsideItsTableTeachesNothing() {
    float[] before = parameters.tables().get(1).values().clone();
    KeyedJaggedTensor kjt =
        KeyedJaggedTensor.fromLengthsSync(
            List.of("a", "b", "c"), new long[] {3, 7}, new int[] {0, 0, 2});
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 1)) {
      assertThatThrownBy(() -> trainer.step(small.dense(1), kjt, new float[] {1}))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("got 7");
      assertThat(parameters.tables().get(1).values()).isEqualTo(before);
      assertThat(trainer.steps()).isZero();
    }
  }

  @Test
  void refusesBatchesThatDoNotFit() {
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 2)) {
      assertThatThrownBy(() -> trainer.step(small.dense(3), small.bags(3), small.labels(3)))
          .hasMessageContaining("expected 1 to 2 rows, got 3");
      assertThatThrownBy(() -> trainer.step(small.dense(2), small.bags(2), small.labels(1)))
          .hasMessageContaining("2 labels, got 6 floats and 1 labels");
      assertThatThrownBy(
              () -> trainer.step(small.dense(2), small.bags(2), new float[] {1, Float.NaN}))
          .hasMessageContaining("expected labels 0 to 1, got NaN (row 1)");
    }
  }

  private static OptimizerOptions sgd(float rate) {
    return new OptimizerOptions(DenseOptimizer.SGD, rate, TableOptimizer.SGD, rate, 1e-8f);
  }
}
