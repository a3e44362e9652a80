package io.github.flinkdeepfm.model.device;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/**
 * The ND4J operations that the device path is made of. Each call is one operation, on arrays that
 * are there; none allocates its result.
 */
final class DeviceOps {
  private final Device device;

  DeviceOps(Device device) {
    this.device = device;
  }

  /**
   * out[i] = table[rows[i]]; [n, D] from [R, D] by [n, 1].
   *
   * <p>Not {@code gather}: on CUDA, as its source reads, that writes down the offsets of all R rows
   * on the host and copies them to the device, at every call.
   */
  void gather(INDArray table, INDArray rows, INDArray out) {
    run("gather_nd", out, new int[0], table, rows);
  }

  /** table[rows[i]] = values[i], in place; rows are distinct. */
  void scatter(INDArray table, INDArray rows, INDArray values) {
    run(
        DynamicCustomOp.builder("scatter_upd")
            .addInputs(table, rows, values)
            .callInplace(true)
            .build());
  }

  /** out = ReLU(x · weight + bias); NaN passes. */
  void reluLayer(INDArray x, INDArray weight, INDArray bias, INDArray out) {
    if (weight.size(0) > 1 && weight.size(1) > 1) {
      run("relu_layer", out, new int[0], x, weight, bias);
    } else { // That operation refuses a matrix of one row or column.
      linear(x, weight, bias, out);
      run(
          DynamicCustomOp.builder("relu")
              .addInputs(out)
              .addOutputs(out)
              .addFloatingPointArguments(0.0)
              .build());
    }
  }

  /** out = x · weight + bias. */
  void linear(INDArray x, INDArray weight, INDArray bias, INDArray out) {
    run("xw_plus_b", out, new int[0], x, weight, bias);
  }

  /** The sums along dimension 1. */
  void sum(INDArray x, INDArray out) {
    reduce("reduce_sum", x, out);
  }

  /** The sums of squares along dimension 1. */
  void sumOfSquares(INDArray x, INDArray out) {
    reduce("reduce_sqnorm", x, out);
  }

  private void reduce(String name, INDArray x, INDArray out) {
    run(
        DynamicCustomOp.builder(name)
            .addInputs(x)
            .addOutputs(out)
            .addIntegerArguments(1)
            .addBooleanArguments(out.rank() == x.rank())
            .build());
  }

  /** x *= y; y may be one column. */
  void multiply(INDArray x, INDArray y) {
    run("multiply", x, new int[0], x, y);
  }

  /** x -= y. */
  void subtract(INDArray x, INDArray y) {
    run("subtract", x, new int[0], x, y);
  }

  /** x /= y; y may be one column. */
  void divide(INDArray x, INDArray y) {
    run("divide", x, new int[0], x, y);
  }

  /** Copies, converting to the type of {@code to} (f32 to f16 rounds to nearest, ties to even). */
  void assign(INDArray from, INDArray to) {
    run("assign", to, new int[0], to, from);
  }

  /** Concatenates columns. */
  void columns(INDArray out, INDArray... parts) {
    run("concat", out, new int[] {1}, parts);
  }

  private void run(String name, INDArray out, int[] arguments, INDArray... in) {
    run(
        DynamicCustomOp.builder(name)
            .addInputs(in)
            .addOutputs(out)
            .addIntegerArguments(arguments)
            .build());
  }

  private void run(CustomOp op) {
    try {
      device.executor().execute(op);
    } catch (RuntimeException | OutOfMemoryError e) {
      throw new DeviceFailureException(
          "device %d: operation %s: %s".formatted(device.ordinal(), op.opName(), e), e);
    }
  }
}
