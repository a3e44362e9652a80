package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.StateFuzz;
import io.github.flinkdeepfm.operators.refresh.ActiveHistory.Stay;
import io.github.flinkdeepfm.operators.refresh.CoordinatorState.Refusal;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every format that was ever written stays readable: stored bytes, never made anew. */
class CoordinatorStateTest {
  private static final String FORMAT_1 =
      "01"
          + "0006763030303432"
          + "00000001"
          + "0003626164"
          + "0000018bcfe56800"
          + "0008434845434b53554d";

  private static final String FORMAT_2 =
      "02"
          + "0006763030303432"
          + "00000001"
          + "0003626164"
          + "0000018bcfe56800"
          + "00026162"
          + "0008434845434b53554d"
          + "00000001"
          + "0006763030303432"
          + "00026364"
          + "00000001"
          + "0006763030303432"
          + "0000018bcfe56800"
          + "ffffffffffffffff";

  private static final CoordinatorState STATE =
      new CoordinatorState(
          "v00042",
          Map.of("bad", new Refusal(1_700_000_000_000L, "ab", "CHECKSUM")),
          Map.of("v00042", "cd"),
          List.of(new Stay("v00042", 1_700_000_000_000L, Stay.STILL)));

  @Test
  void readsFormat1() {
    assertThat(CoordinatorState.fromBytes(HexFormat.of().parseHex(FORMAT_1)))
        .isEqualTo(
            new CoordinatorState(
                "v00042",
                Map.of("bad", new Refusal(1_700_000_000_000L, "", "CHECKSUM")),
                Map.of(),
                List.of()));
  }

  @Test
  void readsAndWritesFormat2() {
    byte[] stored = HexFormat.of().parseHex(FORMAT_2);
    assertThat(CoordinatorState.fromBytes(stored)).isEqualTo(STATE);
    assertThat(HexFormat.of().formatHex(STATE.toBytes())).isEqualTo(FORMAT_2);
  }

  @Test
  void refusesOtherBytes() {
    byte[] stored = HexFormat.of().parseHex(FORMAT_2);
    assertThatThrownBy(() -> CoordinatorState.fromBytes(new byte[] {9}))
        .hasMessageContaining("expected format 1 to 2, got 9");
    assertThatThrownBy(() -> CoordinatorState.fromBytes(Arrays.copyOf(stored, 12)))
        .hasMessageContaining("12 bytes, cut off");
    assertThatThrownBy(() -> CoordinatorState.fromBytes(Arrays.copyOf(stored, stored.length + 1)))
        .hasMessageContaining("no bytes at the end");
  }

  @Test
  void keepsALongReasonShort() {
    Refusal refusal = new Refusal(1, "", "x".repeat(100_000));
    CoordinatorState state = new CoordinatorState("v", Map.of("w", refusal), Map.of(), List.of());
    assertThat(CoordinatorState.fromBytes(state.toBytes())).isEqualTo(state);
    assertThat(state.toBytes()).hasSizeLessThan(2_000);
  }

  @Test
  void refusesANegativeCount() {
    byte[] stored = HexFormat.of().parseHex("01" + "0000" + "ffffffff");
    assertThatThrownBy(() -> CoordinatorState.fromBytes(stored))
        .hasMessage("coordinator state: expected a number of entries, got -1");
  }

  @ParameterizedTest
  @ValueSource(strings = {FORMAT_1, FORMAT_2})
  void damagedBytesAreAStateOrANamedError(String format) throws IOException {
    StateFuzz.run(
        "coordinator, format " + Integer.parseInt(format.substring(0, 2)),
        HexFormat.of().parseHex(format),
        7,
        "coordinator state: ",
        CoordinatorState::fromBytes,
        CoordinatorState::toBytes);
  }
}
