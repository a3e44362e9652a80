package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.kernel.HostEmbeddingBags;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The embedding bags of a model with the gradients of their rows: a row gets its bag's gradient
 * under SUM, divided by the bag's length under MEAN, times its weight in a weighted model.
 */
final class EmbeddingBagsGradient {
  private final HostEmbeddingBags bags;
  private final boolean weighted;
  private final List<TableUpdate> tables = new ArrayList<>();
  private final List<Feature> features = new ArrayList<>();

  /** One sparse feature: the table it looks up, and where its vector stands among the others. */
  private record Feature(TableUpdate table, boolean mean, int column) {}

  EmbeddingBagsGradient(DeepFmParameters parameters, OptimizerOptions options) {
    ModelConfig config = parameters.config();
    bags = new HostEmbeddingBags(config.tables(), parameters.tables(), config.isWeighted());
    weighted = config.isWeighted();
    int column = 0;
    for (int t = 0; t < config.tables().size(); t++) {
      EmbeddingBagConfig table = config.tables().get(t);
      TableUpdate update =
          new TableUpdate(StateDict.tableName(config, table), parameters.tables().get(t), options);
      tables.add(update);
      for (int i = 0; i < table.featureNames().size(); i++) {
        boolean mean = table.pooling() == PoolingType.MEAN;
        features.add(new Feature(update, mean, column));
        column += table.embeddingDim();
      }
    }
  }

  /** F·D. */
  int width() {
    return bags.width();
  }

  List<TableUpdate> tables() {
    return tables;
  }

  /**
   * @param name state_dict name of the weight
   */
  TableUpdate table(String name) {
    return tables.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  /** Pools all rows: row r's vector goes to {@code x[offset + r·stride …]}. */
  void pool(KeyedJaggedTensor kjt, float[] x, int offset, int stride) {
    bags.pool(kjt, 0, kjt.stride(), x, offset, stride);
  }

  /**
   * Adds the gradients of the batch that was pooled last to those of its rows, always in the order
   * features, examples, ids.
   *
   * @param gradient of what {@link #pool} wrote, laid out likewise
   */
  void backward(KeyedJaggedTensor kjt, float[] gradient, int offset, int stride) {
    int batch = kjt.stride();
    long[] ids = kjt.values();
    int[] offsets = kjt.offsets();
    float[] weights = weighted ? kjt.weightsOrNull() : null;
    for (int f = 0; f < features.size(); f++) {
      Feature feature = features.get(f);
      int firstBag = bags.keyOf(f) * batch;
      for (int row = 0; row < batch; row++) {
        int begin = offsets[firstBag + row];
        int end = offsets[firstBag + row + 1];
        float scale = feature.mean ? 1f / (end - begin) : 1f;
        int from = offset + row * stride + feature.column;
        for (int i = begin; i < end; i++) {
          float factor = weights == null ? scale : weights[i];
          feature.table.add((int) ids[i], factor, gradient, from);
        }
      }
    }
  }
}
