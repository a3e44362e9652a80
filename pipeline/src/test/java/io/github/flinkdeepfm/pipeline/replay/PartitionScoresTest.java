package io.github.flinkdeepfm.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PartitionScoresTest {
  private static final long FAR = 1L << 40;

  @Test
  void aDeadLetterMayBeOfTheVersionsOfTheScoresAroundIt() {
    PartitionScores scores = new PartitionScores();
    scores.putDeadLetter(3, 0);
    scores.put(5, 1, 1, 0, 0, null);
    scores.putDeadLetter(6, 7);
    scores.putDeadLetter(8, 0);
    scores.put(FAR, 1, 2, 0, 0, null);
    scores.putDeadLetter(FAR + 1, 0);
    scores.settleDeadLetters(8, 9);
    assertThat(around(scores, 3)).containsExactly(1, 1);
    assertThat(around(scores, 6)).containsExactly(1, 2);
    assertThat(around(scores, 8)).containsExactly(1, 2);
    assertThat(around(scores, FAR + 1)).containsExactly(2, 2);
    assertThat(scores.reason(6)).isEqualTo(7);
  }

  @Test
  void withoutScoresADeadLetterMayBeOfAnyVersion() {
    PartitionScores scores = new PartitionScores();
    scores.putDeadLetter(0, 0);
    scores.settleDeadLetters(3, 4);
    assertThat(around(scores, 0)).containsExactly(3, 4);
  }

  @Test
  void timingsThatAreNotKnownAreMinusOne() {
    PartitionScores scores = new PartitionScores();
    scores.put(1, 1, 0, 0, 0, new float[] {1, 2, 3, 4});
    scores.put(2, 1, 0, 0, 0, null);
    assertThat(scores.latency(1).sink()).isEqualTo(4);
    assertThat(scores.latency(2).sink()).isEqualTo(-1);
  }

  private static int[] around(PartitionScores scores, long offset) {
    return new int[] {scores.versionBefore(offset), scores.versionAfter(offset)};
  }
}
