package io.github.flinkdeepfm.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Four events over two partitions; e1 (partition 1, offset 0) is malformed. */
class AccountingTest {
  private final AnswerKey key = new AnswerKey(4, 2);
  private final Accounting accounting = new Accounting(key);

  @BeforeEach
  void plant() {
    for (int i = 0; i < 4; i++) {
      Optional<Malformed> malformed =
          i == 1 ? Optional.of(Malformed.TRUNCATED_JSON) : Optional.empty();
      key.add(new Click(i, new byte[0], false, 0.25, malformed));
    }
    accounting.score(0, 0);
    accounting.score(0, 1);
  }

  @Test
  void plantedOutcomesAreExact() {
    accounting.deadLetter(1, 0, DeadLetterReason.NOT_JSON);
    assertThat(accounting.exact()).isFalse();
    assertThat(accounting.mistakes()).containsExactly("event e3 (partition 1): no outcome");
    assertThat(accounting.score(1, 1)).isTrue();
    assertThat(accounting.exact()).isTrue();
    assertThat(accounting.mistakes()).isEmpty();
    assertThat(accounting.found()).isEqualTo(Map.of(DeadLetterReason.NOT_JSON, 1L));
    assertThat(accounting.planted()).isEqualTo(accounting.found());
  }

  @Test
  void anotherReasonIsNotExact() {
    accounting.score(1, 1);
    accounting.deadLetter(1, 0, DeadLetterReason.EMPTY);
    assertThat(accounting.exact()).isFalse();
    assertThat(accounting.unexpected()).isEqualTo(1);
    assertThat(accounting.mistakes())
        .containsExactly(
            "partition 1 offset 0: expected dead letter NOT_JSON, got dead letter EMPTY");
  }

  @Test
  void aScoreAndADeadLetterOfOneEventIsADuplicate() {
    accounting.score(1, 1);
    accounting.deadLetter(1, 0, DeadLetterReason.NOT_JSON);
    assertThat(accounting.score(1, 0)).isFalse();
    assertThat(accounting.duplicates()).isEqualTo(1);
    assertThat(accounting.exact()).isFalse();
  }

  @Test
  void coordinatesThatNobodyProducedAreUnexpected() {
    accounting.score(1, 7);
    accounting.score(-1, -1);
    assertThat(accounting.unexpected()).isEqualTo(2);
    assertThat(accounting.missing()).isEqualTo(2);
  }
}
