package io.github.flinkdeepfm.model.modules;

/**
 * IEEE 754 binary16 from and to f32. Java has this as intrinsics from version 20; this project runs
 * on 17.
 */
public final class HalfFloat {
  private static final int EXPONENT_BIAS_DIFFERENCE = 127 - 15;
  private static final int SMALLEST_NORMAL_HALF = 0x38800000; // 2^-14 as f32 bits
  private static final int OVERFLOW = 0x477ff000; // 65520: half way between 65504 and 2^16
  private static final int INFINITY = 0x7f800000;

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
      return (short) (sign | 0x7c00);
    }
    if (magnitude >= SMALLEST_NORMAL_HALF) {
      int rebased = magnitude - (EXPONENT_BIAS_DIFFERENCE << 23);
      // A carry out of the mantissa moves into the exponent, which is the next half.
      return (short) (sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13));
    }
    // Subnormal: a multiple of 2^-24; Math.rint rounds ties to even and the product is exact.
    return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24));
  }

  /** Exact: every half is an f32. */
  public static float toFloat(short halfBits) {
    int sign = (halfBits & 0x8000) << 16;
    int exponent = (halfBits >>> 10) & 0x1f;
    int mantissa = halfBits & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | INFINITY | (mantissa << 13));
    }
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(
        sign | ((exponent + EXPONENT_BIAS_DIFFERENCE) << 23) | (mantissa << 13));
  }

  /** The nearest half, as f32. */
  public static float round(float value) {
    return toFloat(toHalfBits(value));
  }
}
