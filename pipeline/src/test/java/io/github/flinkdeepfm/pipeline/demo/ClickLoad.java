package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelConfigWriter;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.pipeline.refresh.VersionManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The demo's clicks and models that fit them, for benchmarks: N = 13, F = 26, of which four have
 * bags of several ids, tables of up to 2,000 rows. All events are well-formed. Not thread-safe.
 */
public final class ClickLoad {
  private static final String FEATURES = "features.json";
  private static final float BOUND = 0.06f;

  private final PlantedTruth truth;
  private final ClickStream clicks;

  /**
   * @param seed of the truth and of the draws
   */
  public ClickLoad(long seed) {
    truth = new PlantedTruth(seed);
    clicks = new ClickStream(truth, seed);
  }

  /**
   * The next event as JSON, about 600 bytes.
   *
   * @param eventTime epoch milliseconds
   */
  public byte[] next(long eventTime) {
    while (true) {
      Click click = clicks.next(eventTime);
      if (click.malformed().isEmpty()) {
        return click.value();
      }
    }
  }

  /**
   * Writes a version with random weights.
   *
   * @param directory of the version's name, below its root
   * @param d embedding dimension
   * @param h hidden size
   * @param di deep interaction size
   */
  public void writeModel(Path directory, int d, int h, int di) throws IOException {
    ModelConfig small = DemoFeatures.modelConfig(truth);
    List<EmbeddingBagConfig> tables =
        small.tables().stream()
            .map(t -> new EmbeddingBagConfig(t.name(), t.numEmbeddings(), d, t.featureNames()))
            .toList();
    ModelConfig config =
        new ModelConfig(small.kind(), small.numDenseFeatures(), h, di, false, tables);
    SplittableRandom random = new SplittableRandom(1);
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.of(config)) {
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      int size = Math.toIntExact(entry.shape().stream().reduce(1L, Math::multiplyExact));
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = (float) (BOUND * (2 * random.nextDouble() - 1));
      }
      writer.put(entry.name(), values, shape);
    }
    Files.createDirectories(directory);
    Files.writeString(directory.resolve(ModelDirectory.MODEL), ModelConfigWriter.toJson(config));
    Files.writeString(directory.resolve(FEATURES), DemoFeatures.toJson(truth));
    writer.write(directory.resolve(ModelDirectory.TENSORS));
    VersionManifest.write(
        directory,
        Optional.empty(),
        List.of(ModelDirectory.MODEL, FEATURES, ModelDirectory.TENSORS));
  }
}
