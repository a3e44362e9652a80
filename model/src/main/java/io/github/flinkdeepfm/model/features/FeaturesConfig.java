package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What {@code features.json} says: how raw event fields become a model's columns.
 *
 * @param dense in column order, as many as the model has
 * @param sparse in the order of the model's features
 */
public record FeaturesConfig(List<DenseFeature> dense, List<SparseFeature> sparse) {

  public FeaturesConfig {
    dense = List.copyOf(dense);
    sparse = List.copyOf(sparse);
  }

  /** A model without features.json: integers as ids, dense features dense_0, dense_1 …. */
  public static FeaturesConfig defaults(ModelConfig config) {
    List<DenseFeature> dense = new ArrayList<>();
    for (int i = 0; i < config.numDenseFeatures(); i++) {
      String name = "dense_" + i;
      dense.add(
          new DenseFeature(name, defaultSource("dense", name), List.of(), OptionalDouble.empty()));
    }
    List<SparseFeature> sparse = new ArrayList<>();
    for (EmbeddingBagConfig table : config.tables()) {
      for (String name : table.featureNames()) {
        sparse.add(
            new SparseFeature(
                name,
                defaultSource("sparse", name),
                defaultSource("weights", name),
                new Encoding.Id(table.numEmbeddings(), Encoding.OutOfRange.REJECT),
                SparseFeature.UNLIMITED));
      }
    }
    return new FeaturesConfig(dense, sparse);
  }

  /** {@code /parent/name}, the name escaped as RFC 6901 wants it. */
  static String defaultSource(String parent, String name) {
    return "/" + parent + "/" + FieldPointer.escape(name);
  }
}
