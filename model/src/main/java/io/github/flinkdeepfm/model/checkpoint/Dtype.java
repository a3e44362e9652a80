package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.DataType;
import java.util.Optional;

/**
 * Element types of a safetensors file. The order is the format's own, by which the reference writer
 * lays tensors out (last one first, so that wide elements stay aligned).
 */
public enum Dtype {
  BOOL(1),
  U8(1),
  I8(1),
  I16(2),
  F16(2),
  BF16(2),
  I32(4),
  F32(4),
  F64(8),
  I64(8);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The dtype of a header's {@code dtype} string, empty if it is none of these. */
  static Optional<Dtype> named(String name) {
    for (Dtype dtype : values()) {
      if (dtype.name().equals(name)) {
        return Optional.of(dtype);
      }
    }
    return Optional.empty();
  }

  /** How a table of that storage type lies in a file. */
  public static Dtype of(DataType type) {
    return switch (type) {
      case FP32 -> F32;
      case FP16 -> F16;
      case BF16 -> BF16;
    };
  }
}
