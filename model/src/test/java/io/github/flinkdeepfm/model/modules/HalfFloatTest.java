package io.github.flinkdeepfm.model.modules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfFloatTest {
  private static final int HALVES = 1 << 16;

  /** The definition of binary16, in double arithmetic. */
  private static double definition(int half) {
    double sign = (half & 0x8000) == 0 ? 1 : -1;
    int exponent = (half >> 10) & 0x1f;
    double mantissa = half & 0x3ff;
    if (exponent == 31) {
      return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * mantissa * Math.pow(2, -24)
        : sign * (1024 + mantissa) * Math.pow(2, exponent - 25);
  }

  @Test
  void everyHalfIsWidenedExactlyAndComesBack() {
    for (int half = 0; half < HALVES; half++) {
      float widened = HalfFloat.toFloat((short) half);
      assertThat(widened).as("half %04x", half).isEqualTo(Float.valueOf((float) definition(half)));
      if (Float.isNaN(widened)) {
        assertThat(HalfFloat.toFloat(HalfFloat.toHalfBits(widened))).isNaN();
      } else {
        assertThat(HalfFloat.toHalfBits(widened)).as("half %04x", half).isEqualTo((short) half);
      }
    }
  }

  @Test
  void zeroKeepsItsSign() {
    assertThat(Float.floatToRawIntBits(HalfFloat.toFloat((short) 0x8000))).isEqualTo(1 << 31);
  }

  @Test
  void bfloat16IsTheUpperHalfOfAnF32() {
    assertThat(HalfFloat.bfloat16ToFloat((short) 0x3f80)).isEqualTo(1f);
    assertThat(HalfFloat.bfloat16ToFloat((short) 0xc2f7)).isEqualTo(-123.5f);
    assertThat(HalfFloat.bfloat16ToFloat((short) 0x7f80)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(HalfFloat.bfloat16ToFloat((short) 0x0001)).isEqualTo(0x1p-133f);
  }

  @Test
  void betweenTwoHalvesTheNearestIsTakenAndTheEvenOneOfATie() {
    for (int half = 0; half < 0x7c00; half++) {
      double low = definition(half);
      // Above the largest finite half the next one would be 2^16.
      double high = half == 0x7bff ? 65536 : definition(half + 1);
      float middle = (float) ((low + high) / 2);
      short even = (short) ((half & 1) == 0 ? half : half + 1);
      assertThat(HalfFloat.toHalfBits(middle)).as("tie above %04x", half).isEqualTo(even);
      assertThat(HalfFloat.toHalfBits(Math.nextDown(middle))).isEqualTo((short) half);
      assertThat(HalfFloat.toHalfBits(Math.nextUp(middle))).isEqualTo((short) (half + 1));
      assertThat(HalfFloat.toHalfBits(-middle)).isEqualTo((short) (even | 0x8000));
    }
  }

  @Test
  void noRandomFloatIsNearerToAnotherHalf() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      short half = HalfFloat.toHalfBits(value);
      double rounded = definition(half & 0xffff);
      if (Float.isNaN(value)) {
        assertThat(rounded).isNaN();
      } else if (Math.abs(value) < 65520) {
        double error = Math.abs(rounded - value);
        int magnitude = half & 0x7fff;
        double sign = half < 0 ? -1 : 1;
        if (magnitude > 0) {
          assertThat(error).isLessThanOrEqualTo(Math.abs(sign * definition(magnitude - 1) - value));
        }
        if (magnitude < 0x7bff) {
          assertThat(error).isLessThanOrEqualTo(Math.abs(sign * definition(magnitude + 1) - value));
        }
      } else {
        assertThat(rounded).isEqualTo(Math.copySign(Double.POSITIVE_INFINITY, value));
      }
    }
  }
}
