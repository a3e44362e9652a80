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
import java.util.Set;
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

  private Trial<RawEvent> trial() {
    return new Trial<>(live, true, false);
  }

  private void publish(String version, String features) throws Exception {
    Path made = TestModel.write(folder.resolve("made"), version, 1);
    Files.writeString(made.resolve("features.json"), features);
    rig.publish(made, version);
  }

  @Test
  void theSameWeightsPassTheTightestLimits() throws Exception {
    rig.publish("v2", 1);
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 0, 0));
    preparation.prepare("v2", manifest("v2"), active, trial()).close();
    assertThat(store.references(folder.resolve("v2"))).isZero();
  }

  @Test
  void otherWeightsAreRefusedWithTheFigures() throws Exception {
    rig.publish("v2", 2);
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 0.25, 0.01));
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v2"), active, trial()))
        .hasMessageContaining("500 live events")
        .hasMessageContaining("PSI")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.CANARY);
  }

  @Test
  void aVersionThatCannotEncodeLiveEventsIsRefused() throws Exception {
    publish(
        "v2",
        """
        {"dense":[{"name":"dense_0"},{"name":"dense_1","source":"/renamed"}],
         "sparse":[{"name":"C1"},{"name":"C2"}]}
        """);
    ModelPreparation<RawEvent> preparation = preparation(null);
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v2"), active, trial()))
        .hasMessageContaining("expected scores of 500 live events, got none")
        .hasMessageContaining("MISSING_DENSE")
        .hasMessageContaining("(/renamed)")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.FEATURES_ABSENT);
  }

  private static final String MATCHES_NO_EVENT =
      """
      {"dense":[{"name":"dense_0","source":"/d/0","default":0},{"name":"dense_1","default":0}],
       "sparse":[{"name":"C1","source":"/s/C1"},{"name":"C2"}]}
      """;

  @Test
  void aVersionThatFindsNoValueOfWhatLiveEventsHaveIsRefusedByName() throws Exception {
    publish("v2", MATCHES_NO_EVENT);
    ModelPreparation<RawEvent> preparation = preparation(null);
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v2"), active, trial()))
        .hasMessageStartingWith("expected values of dense_0, C1 in some of 500 live events")
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.FEATURES_ABSENT);
    Trial<RawEvent> ordered = new Trial<>(live, true, true);
    preparation.prepare("v2", manifest("v2"), active, ordered).close();
  }

  @Test
  void whatMayBeAbsentIsNoFault() throws Exception {
    publish("v2", MATCHES_NO_EVENT);
    preparation(null);
    ScoringSettings settings = rig.scoring("v1").withAllowAbsent(Set.of("dense_0", "C1"));
    new ModelPreparation<>(RawEvents.KIND, settings, loader)
        .prepare("v2", manifest("v2"), active, trial())
        .close();
  }

  @Test
  void whatWasAbsentBeforeIsNoFault() throws Exception {
    publish("before", MATCHES_NO_EVENT);
    publish("v2", MATCHES_NO_EVENT.replace("/d/0", "/d/00"));
    ModelPreparation<RawEvent> preparation = preparation(null);
    active.close();
    active = loader.load("before", Optional.empty());
    preparation.prepare("v2", manifest("v2"), active, trial()).close();
  }

  @Test
  void ofFewerEventsThanAskedForTheCanaryComparesNone() throws Exception {
    rig.publish("v2", 2);
    ModelPreparation<RawEvent> preparation = preparation(new Canary(8, 0, 0));
    Trial<RawEvent> few = new Trial<>(live, false, false);
    try (PreparedModel<RawEvent> prepared =
        preparation.prepare("v2", manifest("v2"), active, few)) {
      assertThat(prepared.compared().isNone()).isTrue();
    }
    Trial<RawEvent> ordered = new Trial<>(live, true, true);
    try (PreparedModel<RawEvent> prepared =
        preparation.prepare("v2", manifest("v2"), active, ordered)) {
      assertThat(prepared.compared().events()).isEqualTo(500);
      assertThat(prepared.compared().meanShift()).isPositive();
    }
  }

  @Test
  void withoutACanaryOtherWeightsAreTaken() throws Exception {
    rig.publish("v2", 2);
    ModelPreparation<RawEvent> preparation = preparation(null);
    try (PreparedModel<RawEvent> prepared =
        preparation.prepare("v2", manifest("v2"), active, trial())) {
      assertThat(prepared.lease().model().version()).isEqualTo("v2");
      assertThat(prepared.batcher().batch().size()).isZero();
    }
  }

  @Test
  void anotherVersionUnderTheNameIsLeftToTheCoordinator() throws Exception {
    ModelPreparation<RawEvent> preparation = preparation(null);
    rig.publish("v2", 2);
    assertThatThrownBy(() -> preparation.prepare("v2", manifest("v1"), active, trial()))
        .isInstanceOfSatisfying(
            RefusedVersionException.class,
            e -> assertThat(e.reason()).isEqualTo(RefusalReason.STORAGE))
        .hasMessageContaining("v2: expected the manifest with SHA-256 " + manifest("v1"));
  }
}
