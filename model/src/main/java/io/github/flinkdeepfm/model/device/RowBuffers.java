package io.github.flinkdeepfm.model.device;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * What flows through the forward pass for a batch of B rows, padding included. Letters as in {@link
 * DeviceDeepFm}; X = (1 + F)·D.
 */
final class RowBuffers implements AutoCloseable {
  private final DeviceArrays arrays;

  /** [B, H], [B, D], [B, DI]. */
  final INDArray hidden;

  final INDArray embedded;
  final INDArray deep;

  /** [B, X]: the dense vector, then the features'. */
  final INDArray x;

  /** {@link #x} as [B·(1 + F), D]. */
  final INDArray slots;

  /** The dense vector's columns of {@link #x}, [B, D]. */
  final INDArray denseColumns;

  /** The columns of {@link #x} that are rounded to f16, and an f16 array of their shape. */
  final INDArray halfColumns;

  final INDArray half;

  /** [B, 1] each: S² − Q, twice the fm column; and Q. */
  final INDArray fm;

  final INDArray squares;

  /** [B, D + DI + 1]. */
  final INDArray interaction;

  /** [B, 1], one for each turn. */
  final INDArray[] logits;

  /**
   * @param features F, of which the last {@code halfFeatures} are of FP16 tables
   */
  RowBuffers(Device device, DeviceDeepFm model, int rows, int features, int halfFeatures) {
    arrays = new DeviceArrays(device, "buffers of %d rows".formatted(rows));
    boolean made = false;
    try {
      int d = model.embeddingDim();
      int di = model.deepDim();
      int width = (1 + features) * d;
      hidden = f32(rows, model.hiddenSize());
      embedded = f32(rows, d);
      deep = f32(rows, di);
      x = f32(rows, width);
      slots = x.reshape((long) rows * (1 + features), d);
      denseColumns = x.get(NDArrayIndex.all(), NDArrayIndex.interval(0, d));
      if (halfFeatures == 0) {
        halfColumns = null;
        half = null;
      } else if (halfFeatures == features) {
        halfColumns = slots;
        half = arrays.create(DataType.FLOAT16, 'c', slots.shape());
      } else {
        long begin = (long) (1 + features - halfFeatures) * d;
        halfColumns = x.get(NDArrayIndex.all(), NDArrayIndex.interval(begin, width));
        half = arrays.create(DataType.FLOAT16, 'c', halfColumns.shape());
      }
      fm = f32(rows, 1);
      squares = f32(rows, 1);
      interaction = f32(rows, d + di + 1);
      logits = new INDArray[] {f32(rows, 1), f32(rows, 1)};
      made = true;
    } finally {
      if (!made) {
        arrays.close();
      }
    }
  }

  private INDArray f32(long rows, long columns) {
    return arrays.create(DataType.FLOAT, 'c', rows, columns);
  }

  @Override
  public void close() {
    arrays.close();
  }
}
