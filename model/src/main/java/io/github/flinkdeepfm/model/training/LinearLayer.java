package io.github.flinkdeepfm.model.training;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A PyTorch {@code Linear} followed by ReLU, with its gradients: y = ReLU(x·Wᵀ + b).
 *
 * <pre>
 *   x  [T, in]   row-major ('c') or column-major ('f')
 *   y  [T, out]  column-major
 *   dW [out, in] row-major, as PyTorch has it; in BLAS's order that is xᵀ·dy of [in, out]
 *   dx [T, in]   in x's order
 * </pre>
 *
 * <p>T is fixed. A smaller batch leaves rows at the end; they keep what they had, and their dy has
 * to be 0. The parameters live on the heap and are copied in at each forward pass: T rows' GEMMs
 * cost far more than that.
 */
final class LinearLayer implements AutoCloseable {
  private final DenseUpdate weight;
  private final DenseUpdate bias;
  private final int rows;
  private final int in;
  private final int out;
  private final char inputOrder;

  private final Matrix weights;
  private final Matrix input;
  private final Matrix output;
  private final Matrix outputGradient;
  private final Matrix weightGradient;
  private final Matrix inputGradient;

  /** A native array and the view through which Java reads and writes it. */
  private record Matrix(INDArray array, FloatBuffer values) {
    static Matrix zeros(char order, int rows, int columns) {
      INDArray array =
          Nd4j.createUninitializedDetached(DataType.FLOAT, order, rows, columns).assign(0f);
      return new Matrix(array, array.data().asNioFloat());
    }
  }

  /**
   * @param rows T
   * @param inputOrder of x, 'c' or 'f'
   */
  LinearLayer(DenseUpdate weight, DenseUpdate bias, int rows, char inputOrder) {
    this.weight = weight;
    this.bias = bias;
    this.rows = rows;
    this.out = bias.values().length;
    this.in = weight.values().length / out;
    this.inputOrder = inputOrder;
    weights = Matrix.zeros('f', in, out);
    input = Matrix.zeros(inputOrder, rows, in);
    output = Matrix.zeros('f', rows, out);
    outputGradient = Matrix.zeros('f', rows, out);
    weightGradient = Matrix.zeros('f', in, out);
    // Column-major [in, T] is row-major [T, in].
    inputGradient = inputOrder == 'c' ? Matrix.zeros('f', in, rows) : Matrix.zeros('f', rows, in);
  }

  /**
   * @param length how much of x there is
   * @param y gets [T, out], column-major
   */
  void forward(float[] x, int length, float[] y) {
    weights.values.put(0, weight.values());
    input.values.put(0, x, 0, length);
    Nd4j.gemm(input.array, weights.array, output.array, false, false, 1.0, 0.0);
    output.values.get(0, y, 0, rows * out);
    for (int j = 0; j < out; j++) {
      float b = bias.values()[j];
      for (int i = j * rows, end = i + rows; i < end; i++) {
        y[i] = Math.max(y[i] + b, 0f);
      }
    }
  }

  /**
   * Sets the gradients of weight and bias, for the x of the last forward pass.
   *
   * @param y what that pass gave
   * @param dy [T, out], column-major; set to 0 where ReLU did
   */
  void backward(float[] y, float[] dy) {
    for (int j = 0; j < out; j++) {
      float sum = 0;
      for (int i = j * rows, end = i + rows; i < end; i++) {
        dy[i] = y[i] > 0 ? dy[i] : 0f;
      }
      for (int i = j * rows, end = i + rows; i < end; i++) {
        sum += dy[i];
      }
      bias.gradient()[j] = sum;
    }
    outputGradient.values.put(0, dy, 0, rows * out);
    Nd4j.gemm(input.array, outputGradient.array, weightGradient.array, true, false, 1.0, 0.0);
    weightGradient.values.get(0, weight.gradient());
  }

  /** dx of the last {@link #backward}, in x's order. */
  void inputGradient(float[] dx) {
    if (inputOrder == 'c') {
      Nd4j.gemm(weights.array, outputGradient.array, inputGradient.array, false, true, 1.0, 0.0);
    } else {
      Nd4j.gemm(outputGradient.array, weights.array, inputGradient.array, false, true, 1.0, 0.0);
    }
    inputGradient.values.get(0, dx, 0, rows * in);
  }

  @Override
  public void close() {
    weights.array.close();
    input.array.close();
    output.array.close();
    outputGradient.array.close();
    weightGradient.array.close();
    inputGradient.array.close();
  }
}
