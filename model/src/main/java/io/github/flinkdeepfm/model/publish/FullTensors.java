package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;

/** A model's weights, wherever they lie, as the tensors of a full version. */
final class FullTensors {
  private FullTensors() {}

  /** Rows are streamed when the file is written; the weights stay open until then. */
  static SafetensorsWriter of(ModelWeights weights) {
    ModelConfig config = weights.config();
    SafetensorsWriter writer = new SafetensorsWriter();
    for (StateDict.Entry entry : StateDict.dense(config)) {
      writer.put(entry.name(), weights.dense(entry.name()), shape(entry));
    }
    for (int t = 0; t < config.tables().size(); t++) {
      EmbeddingBagConfig table = config.tables().get(t);
      EmbeddingTable rows = weights.tables().get(t);
      writer.put(
          StateDict.tableName(config, table),
          Dtype.of(table.dataType()),
          out -> {
            RowWriter row = new RowWriter(rows);
            for (long r = 0; r < rows.rows(); r++) {
              row.put(r, out);
            }
          },
          table.numEmbeddings(),
          table.embeddingDim());
    }
    return writer;
  }

  static long[] shape(StateDict.Entry entry) {
    return entry.shape().stream().mapToLong(Long::longValue).toArray();
  }
}
