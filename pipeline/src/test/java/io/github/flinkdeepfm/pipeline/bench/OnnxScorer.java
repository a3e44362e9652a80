package io.github.flinkdeepfm.pipeline.bench;

import ai.onnxruntime.OrtException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.kernel.Activations;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/** A loaded model's weights in ONNX Runtime, bags padded with a mask. */
final class OnnxScorer implements DeepFmScorer {
  private final OnnxDeepFm onnx;

  /**
   * @param model whose features.json has the features in the order of its tables
   */
  OnnxScorer(ServingModel model) {
    ModelConfig config = model.config();
    List<ByteBuffer> tables = new ArrayList<>();
    model.weights().tables().forEach(table -> tables.add(copy(table)));
    try {
      onnx = new OnnxDeepFm(config, model.weights()::dense, tables, OnnxDeepFm.Bags.PADDED);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuffer copy(EmbeddingTable table) {
    int rows = Math.toIntExact(table.rows());
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(rows * table.dim() * Float.BYTES).order(ByteOrder.nativeOrder());
    FloatBuffer floats = bytes.asFloatBuffer();
    float[] row = new float[table.dim()];
    for (int r = 0; r < rows; r++) {
      table.readRow(r, row, 0);
      floats.put(row);
    }
    return bytes;
  }

  @Override
  public void score(float[] dense, KeyedJaggedTensor kjt, float[] logits) {
    try {
      onnx.score(dense, kjt, logits);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Activations forward(float[] dense, KeyedJaggedTensor kjt) {
    throw new UnsupportedOperationException("ONNX Runtime gives logits only");
  }

  @Override
  public void close() {
    try {
      onnx.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
