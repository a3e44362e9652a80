package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes, one of which has copies, start with the same version whatever is gone. */
@Timeout(60)
class SlotModelsTest {
  @TempDir Path folder;
  private RefreshRig rig;
  private final ModelStore cached = new ModelStore(new SystemMemory());
  private final ModelStore fresh = new ModelStore(new SystemMemory());

  @BeforeEach
  void publishAChainAndCopyItInOneProcess() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
    rig.publish("v2", 2);
    rig.publisher()
        .publish(
            TestModel.write(folder.resolve("made"), "v3", 3),
            PublishOptions.DEFAULT.withVersion("v3").withBase("v2"));
    try (VersionLoader loader = new VersionLoader(cached, settings(false).refresh(), cache("a"))) {
      loader.load("v3", Optional.empty()).close();
    }
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    cached.clean();
    fresh.clean();
    assertThat(cached.size() + fresh.size()).isZero();
    for (String name : List.of("a", "b")) {
      if (Files.exists(cache(name))) {
        assertThat(cache(name)).isEmptyDirectory();
      }
    }
  }

  private Path cache(String name) {
    return folder.resolve("cache-" + name);
  }

  private ScoringSettings settings(boolean startIfMissing) {
    RefreshSettings s = rig.settings();
    rig.settings(
        new RefreshSettings(
            s.root(), s.at(), 10, 10, startIfMissing, null, s.cacheBytes(), null, "s"));
    return rig.scoring("v1");
  }

  private String startedWith(ModelStore store, String cache, String version) throws Exception {
    try (SlotModels<RawEvent> slot =
        new SlotModels<>(store, RawEvents.KIND, settings(true), cache(cache))) {
      SlotModels.Start start = slot.open(version);
      start.lease().close();
      assertThat(start.lease().model().version()).isEqualTo(start.version());
      return start.version();
    }
  }

  private void assertBothStartWith(String restored, String expected) throws Exception {
    assertThat(startedWith(cached, "a", restored)).isEqualTo(expected);
    assertThat(startedWith(fresh, "b", restored)).isEqualTo(expected);
  }

  private void remove(String version) throws Exception {
    Files.delete(rig.root.resolve(version).resolve("manifest.json"));
  }

  @Test
  void aVersionThatIsThereIsTaken() throws Exception {
    assertBothStartWith("v3", "v3");
  }

  @Test
  void aCopyDoesNotStandInForAVersionThatTheRootHasNoMore() throws Exception {
    remove("v3");
    assertBothStartWith("v3", "v1");
  }

  @Test
  void aVersionWithoutItsBaseIsGoneToo() throws Exception {
    remove("v2");
    assertBothStartWith("v3", "v1");
  }

  @Test
  void withoutOnMissingTheErrorNamesVersionRootAndBothWaysOut() throws Exception {
    remove("v3");
    for (ModelStore store : List.of(cached, fresh)) {
      SlotModels<RawEvent> slot =
          new SlotModels<>(
              store, RawEvents.KIND, settings(false), cache(store == cached ? "a" : "b"));
      assertThatThrownBy(() -> slot.open("v3"))
          .hasMessageContaining("expected model v3")
          .hasMessageContaining("under " + rig.root)
          .hasMessageContaining("model.on_missing: newest")
          .hasMessageContaining("--model-version V")
          .extracting(e -> ((RefusedVersionException) e).reason())
          .isEqualTo(RefusalReason.INCOMPLETE);
    }
  }

  @Test
  void aRootThatDoesNotAnswerIsNoReasonToTakeAnotherVersion() throws Exception {
    Files.move(rig.root, folder.resolve("away"));
    assertThat(startedWith(cached, "a", "v3")).isEqualTo("v3");
    assertThatThrownBy(() -> startedWith(fresh, "b", "v3"))
        .hasMessageContaining("model v3 of " + rig.root + ", which the job starts with")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.STORAGE);
  }

  @Test
  void aVersionThatDoesNotFitInMemoryIsAStartErrorThatSaysHowMuchIsMissing() throws Exception {
    ModelStore small = new ModelStore(() -> MemoryBudget.RESERVE + 5);
    try (SlotModels<RawEvent> slot =
        new SlotModels<>(small, RawEvents.KIND, settings(true), cache("b"))) {
      assertThatThrownBy(() -> slot.open("v2"))
          .hasMessageMatching(
              "model v2 of .*, which the job starts with, cannot be loaded: version v2: expected"
                  + " \\d+ bytes of memory free, got 5 .*")
          .extracting(e -> ((RefusedVersionException) e).reason())
          .isEqualTo(RefusalReason.NO_SPACE);
    }
    small.clean();
  }
}
