package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonNumberTest {
  private final JsonNumber number = new JsonNumber();

  private int scan(String text) {
    return number.scan(Events.utf8(text + ",\"padding\":0}"), 0);
  }

  private int scanAtTheEnd(String text) {
    return number.scan(Events.utf8(text + "}"), 0);
  }

  @Property(tries = 20_000)
  void readsTheDoubleThatJavaReads(
      @ForAll @IntRange(min = 1, max = 22) int digits,
      @ForAll @IntRange(max = 22) int fraction,
      @ForAll @IntRange(min = -30, max = 30) int exponent,
      @ForAll Random random) {
    BigDecimal value =
        new BigDecimal(
                BigInteger.TEN.pow(digits - 1).multiply(BigInteger.valueOf(random.nextInt(10))))
            .add(new BigDecimal(new BigInteger(60, random)).remainder(BigDecimal.TEN.pow(digits)))
            .movePointLeft(fraction);
    String text = (random.nextBoolean() ? "-" : "") + value.toPlainString();
    if (random.nextBoolean()) {
      text +=
          (random.nextBoolean() ? "e" : "E")
              + (exponent > 0 && random.nextBoolean() ? "+" : "")
              + exponent;
    }
    assertThat(scan(text)).as(text).isEqualTo(text.length());
    double expected = Double.parseDouble(text);
    if (number.isInteger() && expected == 0) {
      expected = 0.0; // the integer -0 is 0
    }
    assertThat(Double.doubleToRawLongBits(number.doubleValue()))
        .as(text)
        .isEqualTo(Double.doubleToRawLongBits(expected));
  }

  @Property(tries = 5_000)
  void readsTheIntegersThatFit(@ForAll long value, @ForAll @IntRange(max = 63) int shift) {
    String text = "" + (value >> shift);
    for (int length : new int[] {scan(text), scanAtTheEnd(text)}) {
      assertThat(length).as(text).isEqualTo(text.length());
      assertThat(number.isLong()).as(text).isEqualTo(value >> shift != Long.MIN_VALUE);
      if (number.isLong()) {
        assertThat(number.longValue()).isEqualTo(value >> shift);
      }
    }
  }

  @Property(tries = 5_000)
  void thousandfoldIsRoundedDown(
      @ForAll @IntRange(min = 0) int seconds,
      @ForAll @IntRange(max = 12) int places,
      @ForAll @IntRange(min = 0) int digits) {
    BigDecimal value = BigDecimal.valueOf(seconds).add(BigDecimal.valueOf(digits, places + 9));
    String text = value.toPlainString();
    assertThat(scan(text)).isEqualTo(text.length());
    boolean fits =
        text.replace(".", "").length() <= 19 && value.unscaledValue().bitLength() < Long.SIZE;
    long millis = value.movePointRight(3).setScale(0, RoundingMode.FLOOR).longValueExact();
    assertThat(number.floorThousandfold()).as(text).isEqualTo(fits ? millis : -1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "-", "+1", "01", "-01", "00", ".5", "5.", "5.e1", "1e", "1e+", "--1", "NaN", "-I", "e1",
        "1e99999", "x"
      })
  void takesNothingElse(String text) {
    assertThat(scan(text)).isEqualTo(JsonNumber.NONE);
    assertThat(scanAtTheEnd(text)).isEqualTo(JsonNumber.NONE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775808",
        "18446744073709551616",
        "99999999999999999999999",
        "-9223372036854775808",
        "1.0",
        "1e3"
      })
  void knowsWhatIsNoLong(String text) {
    assertThat(scan(text)).isEqualTo(text.length());
    assertThat(number.isLong()).isFalse();
    assertThat(number.doubleValue()).isEqualTo(Double.parseDouble(text));
  }

  @Test
  void leavesLongOnesToOthers() {
    assertThat(scan("1".repeat(64))).isEqualTo(64);
    assertThat(scan("1".repeat(65))).isEqualTo(JsonNumber.NONE);
  }
}
