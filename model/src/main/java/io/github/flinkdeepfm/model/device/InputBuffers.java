package io.github.flinkdeepfm.model.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The device's side of what crosses to it, reused from batch to batch: one array for each size in
 * use (arrays cross whole), and of each as many as there are turns, so that a batch can be put
 * together while the one before is scored.
 */
final class InputBuffers implements AutoCloseable {

  /**
   * One array and the parts that it is made of, one after the other.
   *
   * @param whole [length]
   * @param parts views of it; null for a part of no elements
   */
  record Input(INDArray whole, List<INDArray> parts) {}

  private record Key(DataType type, int turn, List<List<Long>> shapes) {}

  private final DeviceArrays arrays;
  private final Map<Key, Input> inputs = new HashMap<>();

  InputBuffers(Device device) {
    this.arrays = new DeviceArrays(device, "input buffers");
  }

  /** The input of that turn with parts of these shapes, at least one of them not empty. */
  Input get(DataType type, int turn, List<List<Long>> shapes) {
    return inputs.computeIfAbsent(new Key(type, turn, shapes), this::create);
  }

  private Input create(Key key) {
    long length = key.shapes().stream().mapToLong(InputBuffers::elements).sum();
    INDArray whole = arrays.create(key.type(), 'c', length);
    List<INDArray> parts = new ArrayList<>();
    long begin = 0;
    for (List<Long> shape : key.shapes()) {
      long end = begin + elements(shape);
      parts.add(
          end == begin
              ? null
              : whole
                  .get(NDArrayIndex.interval(begin, end))
                  .reshape(shape.stream().mapToLong(Long::longValue).toArray()));
      begin = end;
    }
    return new Input(whole, parts);
  }

  private static long elements(List<Long> shape) {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  @Override
  public void close() {
    inputs.clear();
    arrays.close();
  }
}
