package io.github.flinkdeepfm.model.checkpoint;

import io.github.flinkdeepfm.model.modules.DataType;
import java.util.Optional;

/**
 * Element types of a safetensors file, all that the format knows. The order is the format's own, by
 * which the reference writer lays tensors out (last one first, so that wide elements stay aligned).
 */
public enum Dtype {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  Dtype(int bits) {
    this.bits = bits;
  }

  /** Bits of one element. */
  int bits() {
    return bits;
  }

  /** Bytes of one element, for a type of whole bytes. */
  public int bytes() {
    return bits / 8;
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
