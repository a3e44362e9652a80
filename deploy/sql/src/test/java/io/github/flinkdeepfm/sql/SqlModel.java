package io.github.flinkdeepfm.sql;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** A small seeded model, and events for it: dense I1, I2, integers C1, words C2. */
final class SqlModel {
  static final String FEATURES =
      """
      {"dense":[{"name":"I1","transforms":["log1p"],"default":0.5},{"name":"I2"}],
       "sparse":[{"name":"C1"},{"name":"C2","encoding":"hash","seed":3,"max_length":3}]}
      """;

  private static final ModelConfig CONFIG = config(false);

  private SqlModel() {}

  static ModelConfig config(boolean weighted) {
    return new ModelConfig(
        ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
        2,
        16,
        8,
        weighted,
        List.of(
            new EmbeddingBagConfig("t1", 100, 8, List.of("C1")),
            new EmbeddingBagConfig("t2", 50, 8, List.of("C2"))));
  }

  static Path write(Path directory, long seed, String features) throws Exception {
    return write(directory, seed, features, CONFIG);
  }

  static Path write(Path directory, long seed, String features, ModelConfig config)
      throws Exception {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("model.json"), ModelConfigWriter.toJson(config));
    Files.writeString(directory.resolve("features.json"), features);
    Random random = new Random(seed);
    SafetensorsWriter tensors = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int count = 1;
      for (long size : shape) {
        count *= (int) size;
      }
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) random.nextGaussian() * 0.2f;
      }
      tensors.put(entry.name(), values, shape);
    }
    tensors.write(directory.resolve("model.safetensors"));
    return directory;
  }

  static void publish(Path root, String version, Path directory) throws Exception {
    Files.createDirectories(root);
    new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard())
        .publish(directory, PublishOptions.DEFAULT.withVersion(version));
  }

  /** A good event whose values follow from its number. */
  static String event(int number) {
    return ("{\"event_id\":\"e%d\",\"dense\":{\"I1\":%s,\"I2\":%s},"
            + "\"sparse\":{\"C1\":[%d,%d],\"C2\":[\"w%d\",\"grün\",\"%d\",\"cut\"]}}")
        .formatted(
            number,
            number % 7 == 0 ? "null" : number * 0.37,
            number / 3.0 - 20,
            number % 100,
            (number * 31) % 100,
            number,
            number % 5);
  }
}
