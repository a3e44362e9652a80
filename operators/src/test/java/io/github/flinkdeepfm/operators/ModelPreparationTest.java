package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The canary runs on live events as they came, encoded by each version's own rules. */
class ModelPreparationTest {
  @TempDir Path folder;
  private RefreshRig rig;
  private ModelStore store;
  private ModelStore.Lease active;
  private VersionLoader loader;
  private final List<RawEvent> live = IntStream.range(0, 500).mapToObj(TestModel::event).toList();

  @BeforeEach
  void loadAGoodVersion() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
    store = new ModelStore(new SystemMemory());
  }

  @AfterEach
  void release() {
    active.close();
    loader.close();
    store.clean();
  }

  private String manifest(String version) {
    return loader.find(version).manifestSha256();
  }

  private ModelPreparation<RawEvent> preparation(Canary canary) throws Exception {
    RefreshSettings s = rig.settings();
    rig.settings(
        new RefreshSettings(
            s.root(), s.at(), 10, 10, false, s.cacheDir(), s.cacheBytes(), canary, "s"));
    loader = new VersionLoader(store, rig.settings(), folder);
    active = loader.load("v1", Optional.empty());
    return new ModelPreparation<>(RawEvents.KIND, rig.scoring("v1"), loader);
  }

  @Test
  void theSameWeightsPassTheTightestLimits() throws Exception {
    rig.publish("v2", 1);
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 0, 0));
    preparation.prepare("v2", manifest("v2"), active, live).close();
    assertThat(store.references(folder.resolve("v2"))).isZero();
  }

  @Test
  void otherWeightsAreRefusedWithTheFigures() throws Exception {
    rig.publish("v2", 2);
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 0.25, 0.01));
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v2"), active, live))
        .hasMessageContaining("500 live events")
        .hasMessageContaining("PSI")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.CANARY);
  }

  @Test
  void aVersionThatCannotEncodeLiveEventsIsRefused() throws Exception {
    Path made = TestModel.write(folder.resolve("made"), "v2", 1);
    Files.writeString(
        made.resolve("features.json"),
        """
        {"dense":[{"name":"dense_0"},{"name":"dense_1","source":"/renamed"}],
         "sparse":[{"name":"C1"},{"name":"C2"}]}
        """);
    rig.publish(made, "v2");
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 9, 1));
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v2"), active, live))
        .hasMessageContaining("got 500 without a finite score");
  }

  @Test
  void withoutACanaryOtherWeightsAreTaken() throws Exception {
    rig.publish("v2", 2);
    ModelPreparation<RawEvent> preparation = preparation(null);
    try (PreparedModel<RawEvent> prepared =
        preparation.prepare("v2", manifest("v2"), active, live)) {
      assertThat(prepared.lease().model().version()).isEqualTo("v2");
      assertThat(prepared.batcher().batch().size()).isZero();
    }
  }

  @Test
  void anotherVersionUnderTheNameIsLeftToTheCoordinator() throws Exception {
    ModelPreparation<RawEvent> preparation = preparation(null);
    rig.publish("v2", 2);
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v1"), active, live))
        .isInstanceOfSatisfying(
            RefusedVersionException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusalReason.STORAGE))
        .hasMessageContaining("v2: expected the manifest with SHA-256 " + manifest("v1"));
  }
}
