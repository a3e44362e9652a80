package io.github.flinkdeepfm.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatTest {
  @Test
  void everyF16WidensToTheNumberThatIeee754Defines() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float got = HalfFloat.fromF16((short) bits);
      float expected = (float) defined(bits);
      if (Float.isNaN(expected)) {
        assertThat(got).as("%04x", bits).isNaN();
      } else {
        assertThat(Float.floatToRawIntBits(got))
            .as("%04x", bits)
            .isEqualTo(Float.floatToRawIntBits(expected));
      }
    }
  }

  @Test
  void bf16IsTheUpperHalfOfAnF32() {
    assertThat(HalfFloat.fromBf16((short) 0x3f80)).isEqualTo(1f);
    assertThat(HalfFloat.fromBf16((short) 0xc2f7)).isEqualTo(-123.5f);
    assertThat(HalfFloat.fromBf16((short) 0x7f80)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(HalfFloat.fromBf16((short) 0x0001)).isEqualTo(0x1p-133f);
  }

  private static double defined(int bits) {
    int exponent = bits >>> 10 & 31;
    int fraction = bits & 1023;
    double magnitude =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24;
          case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> (1024 + fraction) * Math.pow(2, exponent - 25);
        };
    return bits >>> 15 == 0 ? magnitude : -magnitude;
  }
}
