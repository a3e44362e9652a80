package io.github.flinkdeepfm.model.publish;

import io.github.flinkdeepfm.model.checkpoint.TensorOutput;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.modules.HalfFloat;
import java.io.IOException;

/** Puts a table's rows in its own dtype: widening to f32 was exact, so the bits come back. */
final class RowWriter {
  private final EmbeddingTable table;
  private final float[] row;

  RowWriter(EmbeddingTable table) {
    this.table = table;
    this.row = new float[table.dim()];
  }

  /**
   * @param index 0 ≤ index &lt; R, of finite values
   */
  void put(long index, TensorOutput out) throws IOException {
    table.readRow(index, row, 0);
    switch (table.dataType()) {
      case FP32 -> out.putFloats(row, 0, row.length);
      case FP16 -> {
        for (float value : row) {
          out.putShort(HalfFloat.toHalfBits(value));
        }
      }
      case BF16 -> {
        for (float value : row) {
          out.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        }
      }
    }
  }
}
