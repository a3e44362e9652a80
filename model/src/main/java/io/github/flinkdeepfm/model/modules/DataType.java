package io.github.flinkdeepfm.model.modules;

/** Storage type of an embedding table (TorchRec {@code DataType}, as far as it is supported). */
public enum DataType {
  FP32(4),
  /** IEEE half. Pooled in f32, the sum rounded to f16 (MEAN: divided and rounded again). */
  FP16(2),
  /**
   * bfloat16, widened and pooled in f32. An extension: TorchRec makes every type but FP32 a float16
   * table.
   */
  BF16(2);

  private final int bytes;

  DataType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
