package io.github.flinkdeepfm.pipeline;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A model directory of the smallest shape, for tests of what is around the model: N=2, F=1, D=2,
 * H=2, DI=2, 10 ids. It reads {@code /metrics/x0}, {@code /metrics/x1} and {@code /ids/c0}; a
 * missing x1 makes an event a dead letter.
 */
public final class TinyModel {
  private TinyModel() {}

  /** Writes it to a directory that is not there yet. */
  public static Path write(Path directory) throws IOException {
    return write(directory, false, 0);
  }

  /** With other weights for every other seed, so that no event has the same logit. */
  public static Path write(Path directory, int seed) throws IOException {
    return write(directory, false, seed);
  }

  /** With weighted bags, it reads their weights from {@code /weights/c0}. */
  public static Path writeWeighted(Path directory) throws IOException {
    return write(directory, true, 0);
  }

  private static Path write(Path directory, boolean weighted, int seed) throws IOException {
    Files.createDirectories(directory);
    EmbeddingBagConfig table =
        new EmbeddingBagConfig("t0", 10, 2, List.of("c0"), PoolingType.SUM, DataType.FP32);
    ModelConfig config =
        new ModelConfig(ModelConfig.Kind.SIMPLE_DEEP_FM_NN, 2, 2, 2, weighted, List.of(table));
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(config));
    Files.writeString(
        directory.resolve("features.json"),
        """
        {"dense":[{"name":"x0","source":"/metrics/x0","default":0.0},
                  {"name":"x1","source":"/metrics/x1"}],
         "sparse":[{"name":"c0","source":"/ids/c0"}]}
        """);
    new SafetensorsWriter()
        .put("sparse_arch.embedding_bag_collection.embedding_bags.t0.weight", ramp(20, seed), 10, 2)
        .put("dense_arch.model.0.weight", ramp(4, seed), 2, 2)
        .put("dense_arch.model.0.bias", ramp(2, seed), 2)
        .put("dense_arch.model.2.weight", ramp(4, seed), 2, 2)
        .put("dense_arch.model.2.bias", ramp(2, seed), 2)
        .put("inter_arch.deep_fm.dense_module.0.weight", ramp(8, seed), 2, 4)
        .put("inter_arch.deep_fm.dense_module.0.bias", ramp(2, seed), 2)
        .put("over_arch.model.0.weight", ramp(5, seed), 1, 5)
        .put("over_arch.model.0.bias", ramp(1, seed), 1)
        .write(directory.resolve("model.safetensors"));
    return directory;
  }

  private static float[] ramp(int n, int seed) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (i + 1) / 10f - 0.2f + seed * 0.013f;
    }
    return values;
  }
}
