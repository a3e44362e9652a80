package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which version a restored job goes on with. */
class ScoringSettingsTest {
  private static ScoringSettings settings(boolean requested, boolean startIfMissing) {
    RefreshSettings refresh =
        new RefreshSettings(
            "/r", RefreshSettings.At.CHECKPOINT, 1, 1, startIfMissing, null, 1, null, "this");
    return new ScoringSettings(
        "/r", "/r/v9", "v9", requested, EventMapping.DEFAULT, 1, 1, 1, 1, refresh);
  }

  @Test
  void stateCountsUnlessAVersionWasAskedFor() {
    ActiveModel older = new ActiveModel("v3", Optional.of("another"));
    assertThat(settings(false, false).onRestore(older)).isEqualTo("v3");
    assertThat(settings(true, false).onRestore(older)).isEqualTo("v9");
    assertThat(settings(true, false).onRestore(new ActiveModel("v3"))).isEqualTo("v9");
  }

  @Test
  void theOwnStateCountsEvenIfAVersionWasAskedFor() {
    ScoringSettings settings = settings(true, false);
    ActiveModel own = ActiveModel.fromBytes(settings.activeModel("v12").toBytes());
    assertThat(settings.onRestore(own)).isEqualTo("v12");
  }

  @Test
  void aRestoredVersionThatIsGoneIsReplacedOnlyIfThatIsConfigured() {
    assertThat(settings(false, true).startsInsteadOf("v3")).isTrue();
    assertThat(settings(false, false).startsInsteadOf("v3")).isFalse();
    assertThat(settings(false, true).startsInsteadOf("v9")).isFalse();
  }
}
