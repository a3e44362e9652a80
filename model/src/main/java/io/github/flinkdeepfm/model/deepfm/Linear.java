package io.github.flinkdeepfm.model.deepfm;

import java.util.Arrays;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.BooleanIndexing;
import org.nd4j.linalg.indexing.conditions.Conditions;

/** {@code x · weightᵀ + bias}: [B, in] → [B, out] (PyTorch {@code nn.Linear}). */
final class Linear {
  private final String name;
  private final int in;
  private final INDArray weight;
  private final INDArray bias;

  /**
   * @param name of the module in the state_dict, say {@code model.0}
   * @param parameters gives {@code name.weight} [out, in] and {@code name.bias} [out]
   */
  Linear(String name, int in, int out, Function<String, float[]> parameters) {
    if (in <= 0 || out <= 0) {
      throw new IllegalArgumentException(
          name + ": expected sizes above 0, got in " + in + " and out " + out);
    }
    this.name = name;
    this.in = in;
    this.weight = parameter(name + ".weight", parameters, out, in);
    this.bias = parameter(name + ".bias", parameters, 1, out);
  }

  private static INDArray parameter(
      String name, Function<String, float[]> parameters, int rows, int columns) {
    float[] values = parameters.apply(name);
    int expected = Math.multiplyExact(rows, columns);
    if (values == null || values.length != expected) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + expected
              + " floats, got "
              + (values == null ? "none" : values.length));
    }
    return Nd4j.create(values, new long[] {rows, columns}, 'c');
  }

  /**
   * @throws IllegalArgumentException unless x is [B, in]
   */
  INDArray forward(INDArray x) {
    if (x.rank() != 2 || x.size(1) != in) {
      throw new IllegalArgumentException(
          name + ": expected input [B, " + in + "], got " + Arrays.toString(x.shape()));
    }
    return Nd4j.gemm(x, weight, false, true).addiRowVector(bias);
  }

  /** ReLU in place. NaN stays NaN, as in PyTorch: only what is below 0 is replaced. */
  static INDArray relu(INDArray x) {
    BooleanIndexing.replaceWhere(x, 0.0, Conditions.lessThan(0.0));
    return x;
  }
}
