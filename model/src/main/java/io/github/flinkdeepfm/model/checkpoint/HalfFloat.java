package io.github.flinkdeepfm.model.checkpoint;

/** Exact widening of 16-bit floats to f32 (Java has its own only from 20 on). */
final class HalfFloat {
  private static final int EXPONENT = 0x7c00;
  private static final int MAGNITUDE = 0x7fff;

  private HalfFloat() {}

  /**
   * IEEE binary16 to f32. Its 15 magnitude bits, moved to the top of an f32, are that number times
   * 2^-112 (the exponents' biases are 15 and 127), subnormals too; the product by 2^112 is exact.
   */
  static float fromF16(short half) {
    int magnitude = half & MAGNITUDE;
    int sign = (half & 0x8000) << 16;
    if (magnitude >= EXPONENT) {
      return Float.intBitsToFloat(sign | 0x7f800000 | magnitude << 13);
    }
    float value = Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
  }

  /** bfloat16 to f32: the upper half of the f32's bits. */
  static float fromBf16(short half) {
    return Float.intBitsToFloat(half << 16);
  }
}
