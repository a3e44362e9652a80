package io.github.flinkdeepfm.model.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays on one device that are released together. One owner's; not thread-safe. */
final class DeviceArrays implements AutoCloseable {
  private final Device device;
  private final String what;
  private final List<INDArray> arrays = new ArrayList<>();
  private long bytes;

  /**
   * @param what they are for, in messages
   */
  DeviceArrays(Device device, String what) {
    this.device = device;
    this.what = what;
  }

  /**
   * An array of zeros that belongs to this.
   *
   * @param order 'c' or 'f'
   * @throws DeviceMemoryException if it does not fit
   * @throws DeviceFailureException if the device refuses nevertheless
   */
  INDArray create(DataType type, char order, long... shape) {
    long size = bytes(type, shape);
    device.memory().reserve(what, size);
    try {
      INDArray array = Nd4j.create(type, shape, order);
      arrays.add(array);
      bytes += size;
      return array;
    } catch (RuntimeException | OutOfMemoryError e) {
      device.memory().release(size);
      throw new DeviceFailureException(
          "device %d: %s: expected %d bytes, got %s".formatted(device.ordinal(), what, size, e), e);
    }
  }

  static long bytes(DataType type, long... shape) {
    return Arrays.stream(shape).reduce(type.width(), Math::multiplyExact);
  }

  @Override
  public void close() {
    arrays.forEach(INDArray::close);
    arrays.clear();
    device.memory().release(bytes);
    bytes = 0;
  }
}
