package io.github.flinkdeepfm.pipeline.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.CommittedScore;
import io.github.flinkdeepfm.pipeline.OfflineLogits;
import io.github.flinkdeepfm.pipeline.refresh.SoakModel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fault suite's own accounts notice what they are there for. */
class LedgerTest {
  private final Ledger ledger = new Ledger(2);

  @Test
  void countsWhatIsMissingDoubledOrOtherThanItHasToBe() {
    score(0, 1f);
    score(2, 1f);
    assertThat(ledger.complete()).isEqualTo(1);
    assertThat(ledger.missing(3)).isEqualTo(1);
    assertThat(ledger.doubled()).isZero();
    assertThat(ledger.unexpected()).isZero();

    score(2, 1f);
    assertThat(ledger.doubled()).isEqualTo(1);
    score(137, 1f); // has to be a dead letter
    assertThat(ledger.unexpected()).isEqualTo(1);
    ledger.deadLetter(311 % 2, 311 / 2, "NOT_JSON"); // of another reason
    assertThat(ledger.unexpected()).isEqualTo(2);
    ledger.deadLetter(1, 0, "NOT_JSON"); // has to be a score
    assertThat(ledger.unexpected()).isEqualTo(3);
    assertThat(ledger.complete()).isEqualTo(3);
  }

  @Test
  void findsTheOneLogitOfWhichOneBitIsWrong(@TempDir Path folder) throws Exception {
    Path root = folder.resolve("root");
    SoakModel model = new SoakModel(root, 1 << 14, 32);
    model.writeFull(1);
    FaultEvents events = new FaultEvents(1, model.rows());
    try (OfflineLogits offline = new OfflineLogits(root.resolve("000001"))) {
      for (int i = 0; i < 20; i++) {
        float logit = offline.of(events.value(i));
        score(i, i == 7 ? Math.nextUp(logit) : logit);
      }
    }
    BitCheck check = new BitCheck(root, events, ledger);
    check.upTo(7);
    assertThat(ledger.unexpected()).isZero();
    check.upTo(20);
    assertThat(ledger.unexpected()).isEqualTo(1);
    assertThat(ledger.mistakes()).singleElement().asString().startsWith("event 7 expected");
  }

  @Test
  void aScoreThatWasMadeBeforeTheFaultIsNoRecovery() {
    ledger.watch(100);
    score(0, 1f, 100);
    assertThat(ledger.firstScoreSince()).isZero();
    score(1, 1f, 101);
    assertThat(ledger.firstScoreSince()).isEqualTo(500);
  }

  private void score(int event, float logit) {
    score(event, logit, 0);
  }

  private void score(int event, float logit, long scoredAt) {
    ledger.score(
        new CommittedScore(event % 2, event / 2, "" + event, "000001", logit, scoredAt), 500);
  }
}
