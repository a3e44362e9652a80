package io.github.flinkdeepfm.model.kernel;

import io.github.flinkdeepfm.model.modules.BagPooling;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.PoolingScratch;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@link EmbeddingBags} by plain loops straight from the tables. One scorer's or trainer's; not
 * thread-safe.
 */
public final class HostEmbeddingBags implements EmbeddingBags {

  /** One sparse feature of the model: where it is looked up and where its vector goes. */
  private record Slot(
      String feature,
      EmbeddingBagConfig config,
      EmbeddingTable table,
      int column,
      PoolingScratch scratch) {}

  private final List<Slot> slots = new ArrayList<>();
  private final boolean weighted;
  private final int width;

  private final KeyBinding keys;

  /**
   * The bags of all features.
   *
   * @param configs in the model's order
   * @param tables one for each of them; read at every call, so that changed rows are seen
   */
  public HostEmbeddingBags(
      List<EmbeddingBagConfig> configs, List<? extends EmbeddingTable> tables, boolean weighted) {
    int column = 0;
    Map<Integer, PoolingScratch> scratches = new HashMap<>();
    for (int i = 0; i < configs.size(); i++) {
      for (String feature : configs.get(i).featureNames()) {
        int dim = configs.get(i).embeddingDim();
        PoolingScratch scratch = scratches.computeIfAbsent(dim, PoolingScratch::new);
        slots.add(new Slot(feature, configs.get(i), tables.get(i), column, scratch));
        column += dim;
      }
    }
    this.weighted = weighted;
    this.width = column;
    this.keys =
        new KeyBinding(
            slots.stream().map(slot -> new KeyBinding.Use(slot.feature(), slot.config())).toList(),
            weighted);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public void pool(
      KeyedJaggedTensor kjt, int firstRow, int rows, float[] out, int offset, int stride) {
    int[] positions = keys.bind(kjt);
    float[] weights = weighted ? kjt.weightsOrNull() : null;
    int batch = kjt.stride();
    for (int f = 0; f < slots.size(); f++) {
      Slot slot = slots.get(f);
      BagPooling.pool(
          slot.table(),
          slot.config().pooling(),
          kjt.values(),
          weights,
          kjt.offsets(),
          positions[f] * batch + firstRow,
          rows,
          out,
          offset + slot.column(),
          stride,
          slot.scratch());
    }
  }

  /** Which key of the KJT that was pooled last, counted from 0, the model's feature f is. */
  public int keyOf(int feature) {
    return keys.keyOf(feature);
  }
}
