package io.github.flinkdeepfm.model.modules;

/** Exact conversions between f32 and the 16-bit floats (Java has its own only from 20 on). */
public final class HalfFloat {
  private static final int EXPONENT = 0x7c00;
  private static final int MAGNITUDE = 0x7fff;

  private HalfFloat() {}

  /**
   * IEEE binary16 to f32. Its 15 magnitude bits, moved to the top of an f32, are that number times
   * 2^-112 (the exponents' biases are 15 and 127), subnormals too; the product by 2^112 is exact.
   */
  public static float toFloat(short half) {
    int magnitude = half & MAGNITUDE;
    int sign = (half & 0x8000) << 16;
    if (magnitude >= EXPONENT) {
      return Float.intBitsToFloat(sign | 0x7f800000 | magnitude << 13);
    }
    float value = Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
  }

  /**
   * f32 to IEEE binary16, ties to even; beyond 65504 it is infinite. In the subnormal range the
   * addition of 0.5 lines the value up with the result's last bit, and the FPU does the rounding.
   */
  public static short toHalfBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x477ff000) { // 65520, which rounds to 2^16
      return (short) (sign | EXPONENT);
    }
    if (magnitude < 0x38800000) { // below 2^-14
      float aligned = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | (Float.floatToRawIntBits(aligned) - 0x3f000000));
    }
    int odd = (magnitude >>> 13) & 1;
    return (short) (sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13));
  }

  /** bfloat16 to f32: the upper half of the f32's bits. */
  public static float bfloat16ToFloat(short half) {
    return Float.intBitsToFloat(half << 16);
  }
}
