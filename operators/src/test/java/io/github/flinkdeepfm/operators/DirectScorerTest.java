package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.DirectScorer.Outcome;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scoring without barriers and state: versions switch between calls, bad ones never. */
class DirectScorerTest {
  private static final RowEncoder<Integer> ENCODER =
      (n, row) ->
          row.dense("dense_0", n % 7)
              .dense("dense_1", 0.5)
              .sparse("C1", n % 11)
              .sparse("C2", n % 20, (n * 3L) % 20);

  @TempDir Path folder;
  private RefreshRig rig;

  @BeforeEach
  void publishAModel() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    Await.until("all models released", () -> ModelStore.SHARED.size() == 0);
    Await.until("copies removed", () -> folder.resolve("cache").toFile().list().length == 0);
  }

  private DirectScorer<Integer> open(Function<ServingModel, RowEncoder<Integer>> encoders)
      throws Exception {
    ScoringSettings settings =
        DeepFmScoring.of(rig.root.toString())
            .withPoll(Duration.ofMillis(10))
            .withCacheDir(Files.createDirectories(folder.resolve("cache")).toString())
            .settings(ModelLocation.inRoot(rig.root.toString(), Optional.empty(), 10_000));
    return DirectScorer.open(
        encoders,
        settings,
        new DirectScorer.Slot() {
          @Override
          public MetricGroup metrics() {
            return new UnregisteredMetricsGroup();
          }

          @Override
          public Collection<ExternalResourceInfo> resources(String name) {
            return Set.of();
          }

          @Override
          public int subtask() {
            return 0;
          }

          @Override
          public Path temporary() {
            return folder;
          }
        });
  }

  private static RowEncoder<Integer> all(ServingModel model) {
    return ENCODER;
  }

  private static String version(DirectScorer<Integer> scorer) {
    return scorer.score(List.of(1)).get(0).modelVersion();
  }

  @Test
  void outcomesAreInTheOrderOfTheirValuesWhateverTheBatch() throws Exception {
    try (DirectScorer<Integer> scorer = open(DirectScorerTest::all)) {
      List<Integer> values = IntStream.range(0, 100).boxed().toList();
      List<Outcome> together = scorer.score(values);
      for (int n : values) {
        Outcome outcome = together.get(n);
        assertThat(outcome).isEqualTo(scorer.score(List.of(n)).get(0));
        if (n % 11 == 10) {
          assertThat(outcome.reason()).isEqualTo(DeadLetterReason.ID_OUT_OF_RANGE);
          assertThat(outcome.detail()).contains("from 0 to 9, got 10");
        } else {
          assertThat(outcome.score()).isEqualTo(DeepFmScorer.sigmoid(outcome.logit()));
        }
      }
    }
  }

  @Test
  void aNewVersionIsTakenAndAPinGoesBack() throws Exception {
    try (DirectScorer<Integer> scorer = open(DirectScorerTest::all)) {
      Outcome before = scorer.score(List.of(1)).get(0);
      assertThat(before.modelVersion()).isEqualTo("v1");
      rig.publish("v2", 2);
      Await.until("v2", () -> version(scorer).equals("v2"));
      assertThat(scorer.score(List.of(1)).get(0).logit()).isNotEqualTo(before.logit());
      Files.writeString(rig.root.resolve("control.json"), "{\"pin\":\"v1\"}");
      Await.until("v1", () -> version(scorer).equals("v1"));
      assertThat(scorer.score(List.of(1)).get(0)).isEqualTo(before);
    }
  }

  @Test
  void aVersionThatIsReadyIsOvertakenWhileNobodyAsks() throws Exception {
    try (DirectScorer<Integer> scorer = open(DirectScorerTest::all)) {
      rig.publish("v2", 2);
      Await.until("v2 ready", () -> ModelStore.SHARED.size() == 2);
      rig.publish("v3", 3);
      Await.until("v3", () -> version(scorer).equals("v3"));
    }
  }

  /** Made beside the root: there it might be taken before it is broken. */
  private void publishCorrupt() throws Exception {
    RefreshRig beside = new RefreshRig(Files.createDirectories(folder.resolve("beside")));
    beside.publish("corrupt", 2);
    Path tensors = beside.root.resolve("corrupt/model.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    bytes[bytes.length - 1] ^= 1;
    Files.write(tensors, bytes);
    Files.move(beside.root.resolve("corrupt"), rig.root.resolve("corrupt"));
  }

  @Test
  void aVersionThatCannotBeEncodedForOrLoadedIsPassedOver() throws Exception {
    Function<ServingModel, RowEncoder<Integer>> choosy =
        model -> {
          if (model.version().startsWith("bad")) {
            throw new IllegalArgumentException("no column");
          }
          return ENCODER;
        };
    try (DirectScorer<Integer> scorer = open(choosy)) {
      rig.publish("bad1", 2);
      publishCorrupt();
      Thread.sleep(300); // Nothing may happen in it; if it were too short, this would not fail.
      assertThat(version(scorer)).isEqualTo("v1");
      rig.publish("v2", 2);
      Await.until("v2", () -> version(scorer).equals("v2"));
    }
    rig.publish("bad2", 3);
    try (DirectScorer<Integer> scorer = open(choosy)) {
      assertThat(version(scorer)).isEqualTo("v2");
    }
  }

  @Test
  void anErrorWhileAVersionIsMadeReadyDoesNotEndTheFollowing() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    Function<ServingModel, RowEncoder<Integer>> failing =
        model -> {
          // The first is on the thread that loads, where it is a refusal.
          if (model.version().equals("v2") && calls.incrementAndGet() == 2) {
            throw new AssertionError("no memory, say");
          }
          return ENCODER;
        };
    try (DirectScorer<Integer> scorer = open(failing)) {
      rig.publish("v2", 2);
      Await.until("v2", () -> version(scorer).equals("v2"));
      assertThat(calls).hasValueGreaterThan(2);
    }
  }

  @Test
  void withoutAVersionToScoreWithItDoesNotStart() {
    assertThatThrownBy(
            () ->
                open(
                    model -> {
                      throw new IllegalArgumentException("no column");
                    }))
        .isInstanceOf(RefusedVersionException.class)
        .hasMessageContaining("v1: no column");
    ModelStore.SHARED.clean();
  }
}
