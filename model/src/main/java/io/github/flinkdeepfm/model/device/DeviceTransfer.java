package io.github.flinkdeepfm.model.device;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The only way between host and device: no other class of this package reads or writes the contents
 * of an array from the host. Counts what crosses. Not thread-safe.
 *
 * <p>Arrays cross whole, because ND4J copies whole buffers between its host and device sides; so an
 * array that crosses has the size of what is in it. Writing puts the values on the host side and
 * marks it as newer; ND4J copies before the first operation that reads them. Reading waits for the
 * operations that write the array. Both throw a {@link DeviceFailureException} if the device fails.
 */
final class DeviceTransfer {
  private static final String IN = "transfer in";

  private final Device device;
  private long crossings;
  private long bytesIn;
  private long bytesOut;

  DeviceTransfer(Device device) {
    this.device = device;
  }

  /** Fills an f32 array with the first of {@code values}, in the array's own element order. */
  void write(float[] values, INDArray array) {
    device.attempt(
        IN,
        () -> {
          array.data().asNioFloat().put(0, values, 0, (int) array.length());
          array.data().put(0, values[0]); // Marks the host side as the newer one.
        });
    countIn(array);
  }

  /** The same for I32. */
  void write(int[] values, INDArray array) {
    device.attempt(
        IN,
        () -> {
          array.data().asNioInt().put(0, values, 0, (int) array.length());
          array.data().put(0, values[0]);
        });
    countIn(array);
  }

  /** The same for I64. */
  void write(long[] values, INDArray array) {
    device.attempt(
        IN,
        () -> {
          array.data().asNioLong().put(0, values, 0, (int) array.length());
          array.data().put(0, values[0]);
        });
    countIn(array);
  }

  /** The first {@code count} elements of an f32 array to {@code out}. */
  void read(INDArray array, float[] out, int count) {
    device.attempt("transfer out", () -> array.data().asNioFloat().get(0, out, 0, count));
    crossings++;
    bytesOut += bytes(array);
  }

  TransferCounts counts() {
    return new TransferCounts(crossings, bytesIn, bytesOut);
  }

  private void countIn(INDArray array) {
    crossings++;
    bytesIn += bytes(array);
  }

  private static long bytes(INDArray array) {
    return array.length() * array.dataType().width();
  }
}
