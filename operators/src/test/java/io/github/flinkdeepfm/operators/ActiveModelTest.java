package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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
  void damagedBytesAreAStateOrANamedError() throws IOException {
    List<byte[]> formats = List.of(FORMAT_1, FORMAT_2);
    for (int i = 0; i < formats.size(); i++) {
      StateFuzz.run(
          "active model, format " + (i + 1),
          formats.get(i),
          6,
          "active-model state: ",
          ActiveModel::fromBytes,
          ActiveModel::toBytes);
    }
  }
}
