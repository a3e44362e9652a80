package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComplaintsTest {
  private final Complaints complaints = new Complaints();

  @Test
  void aTroubleThatLastsHidesNoOther() {
    assertThat(complaints.isDue("no route to host", 0)).isTrue();
    assertThat(complaints.isDue("no route to host", 1_000)).isFalse();
    assertThat(complaints.isDue("control.json: expected JSON", 2_000)).isTrue();
    assertThat(complaints.isDue("no route to host", 59_999)).isFalse();
    assertThat(complaints.isDue("no route to host", 60_000)).isTrue();
    assertThat(complaints.isDue("control.json: expected JSON", 61_999)).isFalse();
  }

  @Test
  void thereAreOnlySoManyInAMinute() {
    for (int i = 0; i < Complaints.MOST; i++) {
      assertThat(complaints.isDue("trouble " + i, i)).isTrue();
    }
    assertThat(complaints.isDue("one more", 50_000)).isFalse();
    assertThat(complaints.isDue("one more", 60_000)).isTrue();
  }
}
