package io.github.flinkdeepfm.model.checkpoint;

import java.util.List;

/**
 * Where one tensor lies in its file.
 *
 * @param name its key in the state_dict
 * @param dtype element type
 * @param shape sizes, outermost first; empty for a scalar
 * @param begin first byte, counted from the start of the file
 * @param end the byte after the last
 */
public record TensorInfo(String name, Dtype dtype, List<Long> shape, long begin, long end) {

  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Number of elements: the product of the shape, 1 for a scalar. */
  public long elements() {
    return (end - begin) / dtype.bytes();
  }
}
