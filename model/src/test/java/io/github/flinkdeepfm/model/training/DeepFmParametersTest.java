package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeepFmParametersTest {

  @Test
  void tablesAndLinearLayersAreUniformWithinTorchRecsBounds() {
    DeepFmParameters parameters = DeepFmParameters.initial(config(DataType.FP32), 1);

    assertUniform(parameters.tables().get(0).values(), Math.sqrt(1.0 / 500));
    assertUniform(parameters.dense(StateDict.DENSE_0_WEIGHT), Math.sqrt(1.0 / 13));
    assertUniform(parameters.dense(StateDict.DENSE_0_BIAS), Math.sqrt(1.0 / 13));
    assertUniform(parameters.dense(StateDict.DEEP_FM_WEIGHT), Math.sqrt(1.0 / 32));
    assertUniform(parameters.dense(StateDict.DEEP_FM_BIAS), Math.sqrt(1.0 / 32));
  }

  private static void assertUniform(float[] values, double bound) {
    double squares = 0;
    double largest = 0;
    double sum = 0;
    for (float value : values) {
      squares += value * value;
      largest = Math.max(largest, Math.abs(value));
      sum += value;
    }
    int n = values.length;
    assertThat(largest).isBetween(bound * (1 - 10.0 / n), bound);
    assertThat(squares / n).isBetween(bound * bound / 3 * 0.8, bound * bound / 3 * 1.2);
    assertThat(Math.abs(sum / n)).isLessThan(3 * bound / Math.sqrt(3.0 * n));
  }

  @Test
  void aSeedGivesTheSameParametersOnEveryPlatform() {
    DeepFmParameters parameters = DeepFmParameters.initial(config(DataType.FP32), 1);

    // java.util.Random(1).nextFloat() is 0.7308782.
    assertThat(parameters.dense(StateDict.DENSE_0_WEIGHT)[0])
        .isEqualTo((float) ((2 * 0.7308782f - 1) / Math.sqrt(13)));
    assertThat(DeepFmParameters.initial(config(DataType.FP32), 1).tables().get(0).values())
        .isEqualTo(parameters.tables().get(0).values());
    assertThat(DeepFmParameters.initial(config(DataType.FP32), 2).tables().get(0).values())
        .isNotEqualTo(parameters.tables().get(0).values());
  }

  @Test
  void refusesWhatItCannotTrain() {
    assertThatThrownBy(() -> DeepFmParameters.initial(config(DataType.FP16), 1))
        .hasMessageContaining("table t: expected FP32 to train, got FP16");
    ModelConfig collection =
        new ModelConfig(
            ModelConfig.Kind.EMBEDDING_BAG_COLLECTION,
            0,
            0,
            0,
            false,
            config(DataType.FP32).tables());
    assertThatThrownBy(() -> DeepFmParameters.initial(collection, 1))
        .hasMessageContaining("expected a SimpleDeepFMNN");
    assertThatThrownBy(() -> DeepFmParameters.of(config(DataType.FP32), n -> null, List.of()))
        .hasMessageContaining("dense_arch.model.0.weight: expected shape [64, 13], got none");
  }

  private static ModelConfig config(DataType type) {
    EmbeddingBagConfig table =
        new EmbeddingBagConfig("t", 500, 16, List.of("f"), PoolingType.SUM, type);
    return new ModelConfig(ModelConfig.Kind.SIMPLE_DEEP_FM_NN, 13, 64, 64, false, List.of(table));
  }
}
