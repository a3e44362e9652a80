package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.List;
import java.util.Random;

/** A small model with a shared table, and seeded batches with repeated ids and empty bags. */
final class SmallTraining {
  static final int N = 3;
  private static final int ROWS = 7;

  private final Random random;
  private final ModelConfig config;

  SmallTraining(PoolingType pooling, boolean weighted, long seed) {
    random = new Random(seed);
    config =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
            N,
            6,
            5,
            weighted,
            List.of(
                table("shared", List.of("a", "b"), pooling),
                table("single", List.of("c"), PoolingType.SUM)));
  }

  private static EmbeddingBagConfig table(String name, List<String> features, PoolingType pooling) {
    return new EmbeddingBagConfig(name, ROWS, 4, features, pooling, DataType.FP32);
  }

  ModelConfig config() {
    return config;
  }

  float[] dense(int batch) {
    float[] values = new float[batch * N];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Bags of 0 to 3 ids under keys in another order than the model's. */
  KeyedJaggedTensor bags(int batch) {
    int[] offsets = new int[3 * batch + 1];
    for (int i = 1; i < offsets.length; i++) {
      offsets[i] = offsets[i - 1] + random.nextInt(4);
    }
    int count = offsets[3 * batch];
    long[] ids = random.longs(count, 0, ROWS).toArray();
    float[] weights = config.isWeighted() ? new float[count] : null;
    for (int i = 0; weights != null && i < count; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return KeyedJaggedTensor.ofTrusted(List.of("c", "a", "b"), ids, offsets, weights);
  }

  float[] labels(int batch) {
    float[] labels = new float[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = random.nextInt(2);
    }
    return labels;
  }
}
