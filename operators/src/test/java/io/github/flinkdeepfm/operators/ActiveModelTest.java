package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every format that was ever written stays readable: stored bytes, never made anew. */
class ActiveModelTest {
  private static final byte[] FORMAT_1 = HexFormat.of().parseHex("01" + "0006763030303432");
  private static final byte[] FORMAT_2 =
      HexFormat.of().parseHex("02" + "0006763030303432" + "0003732d31");

  @Test
  void readsFormat1() {
    assertThat(ActiveModel.fromBytes(FORMAT_1)).isEqualTo(new ActiveModel("v00042"));
  }

  @Test
  void readsAndWritesFormat2() {
    ActiveModel model = new ActiveModel("v00042", Optional.of("s-1"));
    assertThat(ActiveModel.fromBytes(FORMAT_2)).isEqualTo(model);
    assertThat(model.toBytes()).isEqualTo(FORMAT_2);
  }

  @Test
  void refusesOtherBytes() {
    assertThatThrownBy(() -> ActiveModel.fromBytes(new byte[] {3, 0, 0}))
        .hasMessageContaining("expected format 1 to 2, got 3");
    assertThatThrownBy(() -> ActiveModel.fromBytes(Arrays.copyOf(FORMAT_2, 5)))
        .hasMessageContaining("5 bytes, cut off");
    assertThatThrownBy(() -> ActiveModel.fromBytes(Arrays.copyOf(FORMAT_1, 20)))
        .hasMessageContaining("no bytes at the end");
  }

  @Test
  void damagedBytesAreAStateOrANamedError() {
    for (byte[] stored : List.of(FORMAT_1, FORMAT_2)) {
      int[] read = new int[1];
      MutatedBytes.forEach(
          stored,
          100_000,
          6,
          bytes -> {
            try {
              ActiveModel state = ActiveModel.fromBytes(bytes);
              assertThat(ActiveModel.fromBytes(state.toBytes())).isEqualTo(state);
              read[0]++;
            } catch (IllegalStateException e) {
              assertThat(e).hasMessageStartingWith("active-model state: ");
            }
          });
      assertThat(read[0]).isBetween(10_000, 90_000);
    }
  }
}
