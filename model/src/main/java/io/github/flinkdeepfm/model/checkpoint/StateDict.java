package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig.Kind;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The tensors of a model under the names that PyTorch's {@code state_dict()} gives them.
 *
 * <p>N dense features, H hidden size, D embedding dimension, DI deep interaction size, F sparse
 * features; Linear weights are [out, in].
 */
public final class StateDict {
  /** [H, N]. */
  public static final String DENSE_0_WEIGHT = "dense_arch.model.0.weight";

  /** [H]. */
  public static final String DENSE_0_BIAS = "dense_arch.model.0.bias";

  /** [D, H]. */
  public static final String DENSE_2_WEIGHT = "dense_arch.model.2.weight";

  /** [D]. */
  public static final String DENSE_2_BIAS = "dense_arch.model.2.bias";

  /** [DI, D + F·D]. */
  public static final String DEEP_FM_WEIGHT = "inter_arch.deep_fm.dense_module.0.weight";

  /** [DI]. */
  public static final String DEEP_FM_BIAS = "inter_arch.deep_fm.dense_module.0.bias";

  /** [1, D + DI + 1]. */
  public static final String OVER_WEIGHT = "over_arch.model.0.weight";

  /** [1]. */
  public static final String OVER_BIAS = "over_arch.model.0.bias";

  private static final String COLLECTION = "sparse_arch.embedding_bag_collection.";

  /** What one tensor has to be. */
  public record Entry(String name, Dtype dtype, List<Long> shape) {}

  private StateDict() {}

  /** All tensors of the model: the dense ones, then the tables in the model's order. */
  public static List<Entry> of(ModelConfig config) {
    List<Entry> entries = new ArrayList<>(dense(config));
    for (EmbeddingBagConfig table : config.tables()) {
      entries.add(
          new Entry(
              tableName(config, table),
              Dtype.of(table.dataType()),
              List.of(table.numEmbeddings(), (long) table.embeddingDim())));
    }
    return entries;
  }

  /** The dense parameters, all F32; none for a collection. */
  public static List<Entry> dense(ModelConfig config) {
    if (config.kind() == Kind.EMBEDDING_BAG_COLLECTION) {
      return List.of();
    }
    long n = config.numDenseFeatures();
    long h = config.hiddenLayerSize();
    long d = config.embeddingDim();
    long di = config.deepFmDimension();
    long f = config.featureNames().size();
    return List.of(
        f32(DENSE_0_WEIGHT, h, n),
        f32(DENSE_0_BIAS, h),
        f32(DENSE_2_WEIGHT, d, h),
        f32(DENSE_2_BIAS, d),
        f32(DEEP_FM_WEIGHT, di, d + f * d),
        f32(DEEP_FM_BIAS, di),
        f32(OVER_WEIGHT, 1, d + di + 1),
        f32(OVER_BIAS, 1));
  }

  /** The name of a table's weight, shape [R, D]. */
  public static String tableName(ModelConfig config, EmbeddingBagConfig table) {
    String prefix = config.kind() == Kind.EMBEDDING_BAG_COLLECTION ? "" : COLLECTION;
    return prefix + "embedding_bags." + table.name() + ".weight";
  }

  /** In a delta, the changed rows of a table: I64 [n], ascending. */
  public static String deltaRows(EmbeddingBagConfig table) {
    return table.name() + ".rows";
  }

  /** In a delta, what those rows now are: [n, D] in the table's own dtype. */
  public static String deltaValues(EmbeddingBagConfig table) {
    return table.name() + ".values";
  }

  private static Entry f32(String name, long... shape) {
    return new Entry(name, Dtype.F32, LongStream.of(shape).boxed().toList());
  }
}
