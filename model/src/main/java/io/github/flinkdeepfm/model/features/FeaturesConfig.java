package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What {@code features.json} says: how raw event fields become the model's columns.
 *
 * @param dense the N dense features, in column order
 * @param sparse the F sparse features, in the order of the KJT's keys (the model's order, whatever
 *     the order in the file)
 */
public record FeaturesConfig(List<DenseFeature> dense, List<SparseFeature> sparse) {

  public FeaturesConfig {
    dense = List.copyOf(dense);
    sparse = List.copyOf(sparse);
  }

  /**
   * The encoding of a model without features.json: integers as ids (out of range: rejected), dense
   * features named {@code dense_0} …, without transforms or defaults.
   */
  public static FeaturesConfig defaults(ModelConfig model) {
    List<DenseFeature> dense = new ArrayList<>();
    for (int i = 0; i < model.numDenseFeatures(); i++) {
      String name = "dense_" + i;
      dense.add(new DenseFeature(name, denseSource(name), List.of(), OptionalDouble.empty()));
    }
    Encoding id = new Encoding.Id(Encoding.OnOutOfRange.REJECT);
    List<SparseFeature> sparse =
        tableRows(model).keySet().stream()
            .map(
                name ->
                    new SparseFeature(
                        name, sparseSource(name), weightsSource(name), id, SparseFeature.UNLIMITED))
            .toList();
    return new FeaturesConfig(dense, sparse);
  }

  /**
   * The model's sparse features, each once and in the model's order, with the ids that each can
   * take: 0 ≤ id &lt; rows. A feature of several tables takes the ids of the smallest of them.
   */
  static Map<String, Long> tableRows(ModelConfig model) {
    Map<String, Long> rows = new LinkedHashMap<>();
    for (EmbeddingBagConfig table : model.tables()) {
      for (String feature : table.featureNames()) {
        rows.merge(feature, table.numEmbeddings(), Math::min);
      }
    }
    return rows;
  }

  static String denseSource(String name) {
    return "/dense/" + JsonPointers.escape(name);
  }

  static String sparseSource(String name) {
    return "/sparse/" + JsonPointers.escape(name);
  }

  static String weightsSource(String name) {
    return "/weights/" + JsonPointers.escape(name);
  }
}
