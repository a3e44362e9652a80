package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.Dtype;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.OverlayTable;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsWriter;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import java.io.IOException;
import java.util.Arrays;

/**
 * What a model differs in from another of the same configuration: exactly the rows and the dense
 * parameters of which a bit differs (so 0.0 and -0.0 do). On the heap is one long for each changed
 * row; the rows themselves are streamed.
 */
final class DeltaTensors {
  private final SafetensorsWriter writer = new SafetensorsWriter();
  private final long mostRows;
  private long rowsChanged;

  private DeltaTensors(long mostRows) {
    this.mostRows = mostRows;
  }

  /**
   * @param weights the new model; it stays open until the delta is written
   * @param base the model that the delta will apply to
   * @throws InvalidModelException if a table has more changed rows, in this delta and those that
   *     the base consists of, than an overlay can index
   */
  static DeltaTensors between(ModelWeights weights, ModelWeights base) {
    return between(weights, base, OverlayTable.MAX_CHANGED_ROWS);
  }

  static DeltaTensors between(ModelWeights weights, ModelWeights base, long mostRows) {
    DeltaTensors delta = new DeltaTensors(mostRows);
    ModelConfig config = weights.config();
    for (StateDict.Entry entry : StateDict.dense(config)) {
      float[] values = weights.dense(entry.name());
      if (!sameBits(values, base.dense(entry.name()))) {
        delta.writer.put(entry.name(), values, FullTensors.shape(entry));
      }
    }
    for (int t = 0; t < config.tables().size(); t++) {
      delta.putTable(config.tables().get(t), weights.tables().get(t), base.tables().get(t));
    }
    return delta;
  }

  SafetensorsWriter writer() {
    return writer;
  }

  /** Size of the file. */
  long bytes() throws IOException {
    return writer.bytes();
  }

  /** Over all tables. */
  long rowsChanged() {
    return rowsChanged;
  }

  private void putTable(EmbeddingBagConfig table, EmbeddingTable rows, EmbeddingTable base) {
    long[] changed = changedRows(table, rows, base);
    if (changed.length == 0) {
      return;
    }
    rowsChanged += changed.length;
    writer.put(StateDict.deltaRows(table), changed, changed.length);
    writer.put(
        StateDict.deltaValues(table),
        Dtype.of(table.dataType()),
        out -> {
          RowWriter row = new RowWriter(rows);
          for (long r : changed) {
            row.put(r, out);
          }
        },
        changed.length,
        table.embeddingDim());
  }

  private long[] changedRows(EmbeddingBagConfig table, EmbeddingTable rows, EmbeddingTable base) {
    long[] changed = new long[16];
    int count = 0;
    long below = base instanceof OverlayTable overlay ? overlay.changedRows() : 0;
    float[] row = new float[rows.dim()];
    float[] baseRow = new float[rows.dim()];
    for (long r = 0; r < rows.rows(); r++) {
      rows.readRow(r, row, 0);
      base.readRow(r, baseRow, 0);
      if (!sameBits(row, baseRow)) {
        if (below + count >= mostRows) {
          throw new InvalidModelException(
              "table "
                  + table.name()
                  + ": expected at most "
                  + mostRows
                  + " changed rows since the last full version, got "
                  + below
                  + " below this delta and more than "
                  + count
                  + " in it: publish a full version");
        }
        if (count == changed.length) {
          changed = Arrays.copyOf(changed, 2 * count);
        }
        changed[count++] = r;
      }
    }
    return Arrays.copyOf(changed, count);
  }

  private static boolean sameBits(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return false;
      }
    }
    return true;
  }
}
