package io.github.flinkdeepfm.model.checkpoint;

import java.util.List;
import java.util.Optional;

/**
 * Where one tensor lies in its file.
 *
 * @param name its key in the state_dict
 * @param type its element type as the header names it, which may be none that the format knows
 * @param shape sizes, outermost first; empty for a scalar
 * @param begin first byte, counted from the start of the file
 * @param end the byte after the last
 */
public record TensorInfo(String name, String type, List<Long> shape, long begin, long end) {

  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /** Element type, empty for one that the format does not know. */
  public Optional<Dtype> dtype() {
    return Dtype.named(type);
  }

  boolean is(Dtype dtype) {
    return type.equals(dtype.name());
  }

  /** Number of elements: the product of the shape, 1 for a scalar. */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Type and shape, as errors show them. */
  String shown() {
    return (dtype().isPresent() ? type : Text.quote(type)) + " " + shape;
  }
}
