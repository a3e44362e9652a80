package io.github.flinkdeepfm.pipeline.bench;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.DenseFeature;
import io.github.flinkdeepfm.model.features.Encoding;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.SparseFeature;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A plain walk over parsed events of the default layout, which a batch has to agree with; of the
 * encodings those that the demo uses.
 */
final class MapColumns {
  private final FeaturesConfig features;
  private final Map<String, Long> tableRows = new HashMap<>();

  MapColumns(FeaturesConfig features, ModelConfig model) {
    this.features = features;
    for (EmbeddingBagConfig table : model.tables()) {
      table.featureNames().forEach(name -> tableRows.put(name, table.numEmbeddings()));
    }
  }

  /**
   * @param events as databind reads them
   * @throws IllegalStateException naming the first value that differs
   */
  void requireSame(List<Map<String, Object>> events, FeatureBatch batch) {
    same("rows", events.size(), batch.rows());
    KeyedJaggedTensor kjt = batch.toKeyedJaggedTensor();
    for (int row = 0; row < events.size(); row++) {
      Map<?, ?> dense = (Map<?, ?>) events.get(row).get("dense");
      for (int c = 0; c < features.dense().size(); c++) {
        DenseFeature feature = features.dense().get(c);
        Number raw = (Number) dense.get(feature.name());
        double x = raw == null ? feature.defaultValue().orElseThrow() : raw.doubleValue();
        float got = batch.dense()[row * batch.numDense() + c];
        same(feature.name(), feature.transform(x), got);
      }
      Map<?, ?> sparse = (Map<?, ?>) events.get(row).get("sparse");
      for (int f = 0; f < features.sparse().size(); f++) {
        SparseFeature feature = features.sparse().get(f);
        int bag = f * batch.rows() + row;
        List<Long> got =
            Arrays.stream(kjt.values(), kjt.offsets()[bag], kjt.offsets()[bag + 1])
                .boxed()
                .toList();
        same(feature.name(), ids(feature, sparse.get(feature.name())), got);
      }
    }
  }

  private List<Long> ids(SparseFeature feature, Object value) {
    List<?> elements =
        value == null ? List.of() : value instanceof List<?> bag ? bag : List.of(value);
    return elements.stream().map(element -> id(feature, element)).toList();
  }

  private long id(SparseFeature feature, Object element) {
    if (feature.encoding() instanceof Encoding.Hex) {
      long value = Long.parseUnsignedLong((String) element, 16);
      return Long.remainderUnsigned(value, tableRows.get(feature.name()));
    }
    if (feature.encoding() instanceof Encoding.Vocabulary vocabulary) {
      return vocabulary.words().indexOf((String) element) + 1;
    }
    return ((Number) element).longValue();
  }

  private static void same(String what, Object expected, Object got) {
    if (!expected.equals(got)) {
      throw new IllegalStateException("expected " + expected + ", got " + got + " (" + what + ")");
    }
  }
}
