package io.github.flinkdeepfm.model.modules;

import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Embedding tables and the features that look them up (TorchRec {@code EmbeddingBagCollection}).
 *
 * <pre>
 *           i = 0   i = 1   i = 2
 *   "f1"    [0,1]    []      [2]        table t1, D = 3
 *   "f2"    [3]      [4]     [5,6,7]    table t2, D = 4
 *
 *            f1               f2
 *   i = 0    t1[0] + t1[1]    t2[3]
 *   i = 1    0 0 0            t2[4]
 *   i = 2    t1[2]            t2[5] + t2[6] + t2[7]
 * </pre>
 *
 * <p>Output columns follow the tables, and within a table its feature names, whatever the order of
 * the KJT's keys. Keys that no table uses are ignored, ids and all. A feature that stands more than
 * once among all tables' feature names gets the output key {@code feature@table}.
 */
public final class EmbeddingBagCollection {
  private final List<EmbeddingBagConfig> configs;
  private final boolean weighted;
  private final List<EmbeddingTable> tables;
  private final List<String> outputKeys;
  private final int[] lengthPerKey;

  /**
   * @param configs no two of one name
   * @param isWeighted whether rows are multiplied by the KJT's weights; if not, those are ignored
   * @param tables the rows of each config, in the same order
   * @throws IllegalArgumentException for a name that TorchRec refuses, a table that does not fit
   *     its config, and for weights on a MEAN or FP16 table (TorchRec fails on those in forward)
   */
  public EmbeddingBagCollection(
      List<EmbeddingBagConfig> configs, boolean isWeighted, List<EmbeddingTable> tables) {
    if (configs.size() != tables.size()) {
      throw new IllegalArgumentException(
          "expected " + configs.size() + " tables (one a config), got " + tables.size());
    }
    Set<String> names = new HashSet<>();
    for (int t = 0; t < configs.size(); t++) {
      EmbeddingBagConfig config = configs.get(t);
      TableNames.problemWith(config.name())
          .ifPresent(
              problem -> {
                throw new IllegalArgumentException(problem);
              });
      if (!names.add(config.name())) {
        throw new IllegalArgumentException(
            "expected table names that differ, got " + config.name() + " twice");
      }
      checkFits(config, tables.get(t));
      if (isWeighted) {
        checkTakesWeights(config);
      }
    }
    this.configs = List.copyOf(configs);
    this.weighted = isWeighted;
    this.tables = List.copyOf(tables);
    this.outputKeys = outputKeys(configs);
    this.lengthPerKey =
        configs.stream()
            .flatMapToInt(c -> c.featureNames().stream().mapToInt(f -> c.embeddingDim()))
            .toArray();
  }

  private static void checkFits(EmbeddingBagConfig config, EmbeddingTable table) {
    if (table.rows() != config.numEmbeddings()
        || table.dim() != config.embeddingDim()
        || table.dataType() != config.dataType()) {
      throw new IllegalArgumentException(
          "table "
              + config.name()
              + ": expected "
              + shape(config.numEmbeddings(), config.embeddingDim(), config.dataType())
              + ", got "
              + shape(table.rows(), table.dim(), table.dataType()));
    }
  }

  private static String shape(long rows, int dim, DataType type) {
    return type + " [" + rows + ", " + dim + "]";
  }

  private static void checkTakesWeights(EmbeddingBagConfig config) {
    if (config.pooling() != PoolingType.SUM) {
      throw new IllegalArgumentException(
          "table "
              + config.name()
              + ": expected pooling SUM in a weighted collection, got "
              + config.pooling());
    }
    if (config.dataType() == DataType.FP16) {
      throw new IllegalArgumentException(
          "table " + config.name() + ": expected FP32 or BF16 in a weighted collection, got FP16");
    }
  }

  private static List<String> outputKeys(List<EmbeddingBagConfig> configs) {
    Map<String, Integer> uses = new HashMap<>();
    configs.forEach(c -> c.featureNames().forEach(f -> uses.merge(f, 1, Integer::sum)));
    return configs.stream()
        .flatMap(c -> c.featureNames().stream().map(f -> uses.get(f) > 1 ? f + "@" + c.name() : f))
        .toList();
  }

  /** In the order of the model. */
  public List<EmbeddingBagConfig> embeddingBagConfigs() {
    return configs;
  }

  public boolean isWeighted() {
    return weighted;
  }

  /** The keys of what {@link #forward} returns. */
  public List<String> outputKeys() {
    return outputKeys;
  }

  /**
   * Pools every feature of every table.
   *
   * @param features B &gt; 0 examples, every feature of every table among its keys
   * @return f32 [B, sum of the dimensions]
   * @throws NoSuchElementException if a feature is not among the keys
   * @throws IdOutOfRangeException if an id is not a row of its table
   * @throws IllegalStateException without tables, or without weights in a weighted collection
   * @throws IllegalArgumentException if B is 0
   */
  public KeyedTensor forward(KeyedJaggedTensor features) {
    if (configs.isEmpty()) {
      throw new IllegalStateException("expected at least one table, got a collection without");
    }
    List<int[]> firstBags = new ArrayList<>(configs.size());
    for (EmbeddingBagConfig config : configs) {
      firstBags.add(
          config.featureNames().stream()
              .mapToInt(name -> features.indexOf(name) * features.stride())
              .toArray());
    }
    int batch = features.stride();
    if (batch == 0) {
      throw new IllegalArgumentException("expected at least one example, got a batch of 0");
    }
    float[] weights = weighted ? features.weights() : null;
    int width = 0;
    for (int length : lengthPerKey) {
      width = Math.addExact(width, length);
    }
    float[] pooled = new float[Math.multiplyExact(batch, width)];
    int column = 0;
    for (int t = 0; t < configs.size(); t++) {
      EmbeddingTable table = tables.get(t);
      PoolingScratch scratch = new PoolingScratch(table.dim());
      for (int f = 0; f < firstBags.get(t).length; f++) {
        try {
          BagPooling.pool(
              table,
              configs.get(t).pooling(),
              features.values(),
              weights,
              features.offsets(),
              firstBags.get(t)[f],
              batch,
              pooled,
              column,
              width,
              scratch);
        } catch (IdOutOfRangeException e) {
          EmbeddingBagConfig config = configs.get(t);
          throw e.in("table " + config.name() + ", feature " + config.featureNames().get(f));
        }
        column += table.dim();
      }
    }
    return new KeyedTensor(
        outputKeys, lengthPerKey, Nd4j.create(pooled, new long[] {batch, width}, 'c'));
  }
}
