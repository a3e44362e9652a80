package io.github.flinkdeepfm.model.modules;

/**
 * 16-bit floats from and to f32: IEEE 754 binary16, which Java has as intrinsics from version 20
 * (this project runs on 17), and bfloat16.
 */
public final class HalfFloat {
  private static final int EXPONENT_BIAS_DIFFERENCE = 127 - 15;
  private static final int SMALLEST_NORMAL_HALF = 0x38800000; // 2^-14 as f32 bits
  private static final int OVERFLOW = 0x477ff000; // 65520: half way between 65504 and 2^16
  private static final int INFINITY = 0x7f800000;
  private static final int HALF_INFINITY = 0x7c00;

  private HalfFloat() {}

  /** Rounds to the nearest half, ties to even; 65520 and above become infinity, NaN stays NaN. */
  public static short toHalfBits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > INFINITY) {
      // The quiet bit keeps a NaN whose payload lies in the lost bits from becoming infinity.
      return (short) (sign | 0x7e00 | ((magnitude >>> 13) & 0x3ff));
    }
    if (magnitude >= OVERFLOW) {
      return (short) (sign | HALF_INFINITY);
    }
    if (magnitude >= SMALLEST_NORMAL_HALF) {
      int rebased = magnitude - (EXPONENT_BIAS_DIFFERENCE << 23);
      // A carry out of the mantissa moves into the exponent, which is the next half.
      return (short) (sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13));
    }
    // Subnormal: a multiple of 2^-24; Math.rint rounds ties to even and the product is exact.
    return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
  }

  /**
   * Exact: every half is an f32. Its 15 magnitude bits, moved to the top of an f32, are that number
   * times 2^-112 (the exponents' biases are 15 and 127), subnormals too; the product by 2^112 is
   * exact.
   */
  public static float toFloat(short halfBits) {
    int sign = (halfBits & 0x8000) << 16;
    int magnitude = halfBits & 0x7fff;
    if (magnitude >= HALF_INFINITY) {
      return Float.intBitsToFloat(sign | INFINITY | magnitude << 13);
    }
    float value = Float.intBitsToFloat(magnitude << 13) * 0x1p112f;
    return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
  }

  /** Exact: bfloat16 is the upper half of an f32's bits. */
  public static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest half, as f32. */
  public static float round(float value) {
    return toFloat(toHalfBits(value));
  }
}
