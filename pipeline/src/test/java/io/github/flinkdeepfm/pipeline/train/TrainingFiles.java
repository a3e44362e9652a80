package io.github.flinkdeepfm.pipeline.train;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * What a training needs, written to a folder: N=2, C1 of 50 categories that decide the label, C2 of
 * 5,000 of which few occur between two versions.
 *
 * @param modelConfig model.json
 * @param features features.json
 * @param events JSON lines
 */
public record TrainingFiles(Path modelConfig, Path features, Path events) {
  private static final int DECISIVE = 50;
  private static final int RARE = 5000;

  /** Events e0, e1 …, each with a label. */
  public static TrainingFiles write(Path folder, int count) throws IOException {
    ModelConfig config =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
            2,
            8,
            8,
            false,
            List.of(
                new EmbeddingBagConfig("t1", DECISIVE, 4, List.of("C1")),
                new EmbeddingBagConfig("t2", RARE, 4, List.of("C2"))));
    String features =
        """
        {"dense":[{"name":"I1","source":"/dense/I1"},{"name":"I2","source":"/dense/I2"}],
         "sparse":[{"name":"C1"},{"name":"C2"}]}
        """;
    return new TrainingFiles(
        Files.writeString(folder.resolve("model.json"), ModelConfigWriter.toJson(config)),
        Files.writeString(folder.resolve("features.json"), features),
        Files.writeString(folder.resolve("events.jsonl"), events(count)));
  }

  private static String events(int count) {
    Random random = new Random(11);
    double[] effects = random.doubles(DECISIVE, -3, 3).toArray();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < count; i++) {
      int c1 = random.nextInt(DECISIVE);
      double number = random.nextDouble();
      int label = random.nextDouble() < 1 / (1 + Math.exp(-effects[c1] - number)) ? 1 : 0;
      lines.append(
          "{\"event_id\":\"e%d\",\"label\":%d,\"dense\":{\"I1\":%s,\"I2\":1},\"sparse\":{\"C1\":%d,\"C2\":[%d,%d]}}\n"
              .formatted(i, label, number, c1, random.nextInt(RARE), c1));
    }
    return lines.toString();
  }
}
