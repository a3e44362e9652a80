package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Models and encodings for the tests of this package. */
final class Events {
  private Events() {}

  /** A model with a table of {@code rows} for each feature. */
  static ModelConfig model(int numDense, boolean weighted, long rows, String... features) {
    List<EmbeddingBagConfig> tables =
        Arrays.stream(features)
            .map(f -> new EmbeddingBagConfig("t_" + f, rows, 4, List.of(f)))
            .toList();
    return new ModelConfig(ModelConfig.Kind.SIMPLE_DEEP_FM_NN, numDense, 8, 4, weighted, tables);
  }

  /** The features.json text, read as from a model directory. */
  static FeaturesConfig features(Path dir, ModelConfig model, String json) {
    try {
      Files.writeString(dir.resolve("features.json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return FeaturesConfigReader.read(dir, model);
  }

  /** An empty batch without dense features. */
  static FeatureBatch batch(String... keys) {
    return new FeatureBatch(0, List.of(keys), false);
  }

  static FeatureBatch weightedBatch(String... keys) {
    return new FeatureBatch(0, List.of(keys), true);
  }

  static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  /** Row {@code row} of the batch: its bag of each key. */
  static List<List<Long>> bags(FeatureBatch batch, int row) {
    var kjt = batch.toKeyedJaggedTensor();
    return IntStream.range(0, batch.keys().size())
        .mapToObj(k -> k * batch.rows() + row)
        .map(
            bag ->
                Arrays.stream(kjt.values(), kjt.offsets()[bag], kjt.offsets()[bag + 1])
                    .boxed()
                    .toList())
        .toList();
  }

  /** Row {@code row} of the batch: the weights of each key's bag. */
  static List<List<Float>> weights(FeatureBatch batch, int row) {
    var kjt = batch.toKeyedJaggedTensor();
    return IntStream.range(0, batch.keys().size())
        .mapToObj(k -> k * batch.rows() + row)
        .map(
            bag ->
                IntStream.range(kjt.offsets()[bag], kjt.offsets()[bag + 1])
                    .mapToObj(i -> kjt.weightsOrNull()[i])
                    .toList())
        .toList();
  }
}
