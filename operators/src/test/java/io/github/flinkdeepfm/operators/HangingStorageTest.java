package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole jobs on a root that is not local and does not always answer. */
@Timeout(60)
class HangingStorageTest {
  @TempDir Path folder;
  private RefreshRig rig;

  @BeforeEach
  void makeRig() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
    RefreshSettings s = rig.settings();
    rig.settings(
        new RefreshSettings(
            HangingFileSystem.uri(rig.root),
            s.at(),
            s.pollMillis(),
            s.prepareTimeoutMillis(),
            s.startIfMissing(),
            s.cacheDir(),
            s.cacheBytes(),
            s.memoryBytes(),
            s.canary(),
            s.submission(),
            null,
            300));
  }

  @AfterEach
  void stop() throws Exception {
    HangingFileSystem.recover();
    rig.close();
  }

  @Test
  void aHungFileOfOneVersionDoesNotKeepTheNextFromBeingTaken() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    HangingFileSystem.hang("v2/model.safetensors");
    rig.publish("v2", 2);
    Await.until("v2 is given up", () -> storageFailures() > 0);
    int before = rig.log.committed().size();
    long staleness = rig.coordinatorGauge(MetricNames.STALENESS);
    Await.until("scoring goes on", () -> rig.log.committed().size() > before + 3);
    Await.until(
        "staleness grows", () -> rig.coordinatorGauge(MetricNames.STALENESS) >= staleness + 2);
    assertThat(rig.coordinatorGauge(MetricNames.ROOT_AGE)).isLessThan(2);
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    assertThat(rig.log.seen()).containsExactly("v1", "v3");
  }

  @Test
  void theVersionIsTakenWhenItsFileIsReadableAgain() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    HangingFileSystem.hang("v2/model.safetensors");
    rig.publish("v2", 2);
    Await.until("v2 is given up", () -> storageFailures() > 1);
    HangingFileSystem.recover();
    rig.awaitCommitted("v2");
  }

  @Test
  void aHungManifestHidesNoOtherVersion() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    HangingFileSystem.hang("v2/manifest.json");
    rig.publish("v2", 2);
    Await.until("v2 is given up", () -> storageFailures() == 1);
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    assertThat(storageFailures()).isEqualTo(1);
  }

  @Test
  void aPinnedJobStaysWithItsVersionWhateverIsPublished() throws Exception {
    rig.publish("v2", 2);
    rig.settings(rig.settings().withPin("v1"));
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v3", 3);
    rig.publisher().pin("v3");
    int before = rig.log.committed().size();
    Await.until("more checkpoints", () -> rig.log.committed().size() > before + 3);
    assertThat(rig.log.seen()).containsExactly("v1");
  }

  private long storageFailures() {
    return rig.coordinatorCounter("refusals", "STORAGE");
  }
}
