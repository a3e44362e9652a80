package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole jobs follow a model root: one version between two completed checkpoints. */
@Timeout(60)
class RefreshTest {
  /** The ids of an event repeat after so many. */
  private static final int EVENTS = 140;

  @TempDir Path folder;
  private RefreshRig rig;

  @BeforeEach
  void makeRig() throws Exception {
    rig = new RefreshRig(folder);
    rig.publish("v1", 1);
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void sourceMicroBatcherAndScorerStayOneVertex() {
    var graph =
        rig.graph(new RefreshingMicroBatchFactory<>(RawEvents.KIND, rig.scoring("v1")))
            .getJobGraph();
    assertThat(graph.getNumberOfVertices()).isEqualTo(1);
  }

  @Test
  void allSubtasksSwitchAtOneCheckpoint() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    rig.log.assertOneVersionAnEpoch();
  }

  @Test
  void everyMetricOfARefreshIsThere() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publishDelta("v2", "v1", 3, new float[] {1, 2, 3, 4});
    rig.awaitCommitted("v2");
    Await.until("refresh", () -> counter(MetricNames.REFRESHES) == 1);
    Await.until(
        "the version's name of both subtasks and the coordinator",
        () -> gauges(MetricNames.ACTIVE_VERSION).equals(List.of("v2", "v2", "v2")));
    assertThat(gauges(MetricNames.STALENESS)).singleElement().isInstanceOf(Long.class);
    assertThat(gauges(MetricNames.ROOT_AGE)).singleElement().isInstanceOf(Long.class);
    assertThat(gauges(MetricNames.BYTES_MAPPED))
        .containsExactly(TestModel.MAPPED_BYTES + 16, TestModel.MAPPED_BYTES + 16);
    for (String each : List.of(MetricNames.PREFETCH_TIME, MetricNames.SWITCH_PAUSE)) {
      assertThat(rig.metrics(each))
          .hasSize(2)
          .allSatisfy(metric -> assertThat(((Histogram) metric).getCount()).isEqualTo(1));
    }
    assertThat(rig.metrics(MetricNames.ROWS_APPLIED))
        .hasSize(2)
        .allSatisfy(metric -> assertThat(((Counter) metric).getCount()).isEqualTo(1));
    assertThat(rig.metrics(MetricNames.REFUSALS)).hasSize(RefusalReason.values().length);
  }

  private List<Object> gauges(String name) {
    return rig.metrics(name).stream()
        .map(metric -> (Object) ((Gauge<?>) metric).getValue())
        .toList();
  }

  @Test
  void aBadVersionIsPassedOverAndTheNextGoodOneTaken() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    Files.writeString(publishElsewhere("v2", 2).resolve("v2/model.safetensors"), "broken");
    Files.move(folder.resolve("elsewhere/v2"), rig.root.resolve("v2"));
    Await.until("refusal", () -> counter("refusals", "INCOMPLETE") == 1);
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    assertThat(rig.log.seen()).containsExactly("v1", "v3");
    assertThat(counter("refusals", "INCOMPLETE")).isEqualTo(1);
    rig.log.assertOneVersionAnEpoch();
  }

  @Test
  void aVersionThatDoesNotFitInMemoryIsPassedOverAndADeltaThatFitsIsTaken() throws Exception {
    Await.until("release of earlier models", () -> ModelStore.SHARED.size() == 0);
    RefreshSettings s = rig.settings();
    rig.settings(
        new RefreshSettings(
            s.root(),
            s.at(),
            s.pollMillis(),
            s.prepareTimeoutMillis(),
            s.startIfMissing(),
            s.cacheDir(),
            s.cacheBytes(),
            2 * (TestModel.MAPPED_BYTES + TestModel.PRIVATE_BYTES) - 1,
            s.canary(),
            s.submission(),
            s.pin(),
            s.storageLimitMillis()));
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    Await.until("refusal", () -> counter("refusals", "NO_SPACE") == 1);
    rig.publishDelta("v3", "v1", 3, new float[] {1, 2, 3, 4});
    rig.awaitCommitted("v3");
    assertThat(rig.log.seen()).containsExactly("v1", "v3");
    assertThat(counter("refusals", "NO_SPACE")).isEqualTo(1);
    rig.log.assertOneVersionAnEpoch();
  }

  @Test
  void goesOnScoringWhileTheRootIsGone() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    Path away = folder.resolve("away");
    Files.move(rig.root, away);
    int before = rig.log.committed().size();
    Await.until("more checkpoints", () -> rig.log.committed().size() > before + 3);
    Files.move(away, rig.root);
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
  }

  @Test
  void aSubtaskLateByThreeCheckpointsHoldsBackAll() throws Exception {
    Intrusion late = Intrusion.of(rig.name());
    late.holdBack("v2", 1);
    rig.start(late.factory(rig.scoring("v1")));
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    Await.until("subtask 1 prepares", () -> late.isHeld());
    int before = rig.log.committed().size();
    Await.until("three checkpoints", () -> rig.log.committed().size() >= before + 3);
    assertThat(rig.log.seen()).containsExactly("v1");
    late.release();
    rig.awaitCommitted("v2");
    rig.log.assertOneVersionAnEpoch();
  }

  @Test
  void oneSubtasksRefusalKeepsTheVersionFromAll() throws Exception {
    Intrusion refusing = Intrusion.of(rig.name());
    refusing.refuse("v2", 1);
    rig.start(refusing.factory(rig.scoring("v1")));
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    Await.until("refusal", () -> counter("refusals", "CANARY") == 1);
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    assertThat(rig.log.seen()).containsExactly("v1", "v3");
    rig.log.assertOneVersionAnEpoch();
  }

  @ParameterizedTest
  @EnumSource(Intrusion.Point.class)
  void aTaskFailureLeavesNoEpochWithTwoVersions(Intrusion.Point point) throws Exception {
    Intrusion failing = Intrusion.of(rig.name());
    failing.failOnce("v2", 1, point);
    rig.start(failing.factory(rig.scoring("v1")));
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    assertThat(failing.hasFailed()).isTrue();
    rig.publish("v3", 3);
    rig.awaitCommitted("v3");
    rig.log.assertOneVersionAnEpoch();
  }

  @Test
  void everyScoreIsThatOfTheVersionThatItNames() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    Map<String, float[]> expected = Map.of("v1", logits("v1"), "v2", logits("v2"));
    List<CommittedScores.Score> scores =
        rig.log.committed().values().stream().flatMap(List::stream).toList();
    long different = 0;
    for (CommittedScores.Score score : scores) {
      int event = (int) (score.offset() % EVENTS);
      assertThat(score.logit()).isEqualTo(expected.get(score.version())[event]);
      String other = score.version().equals("v1") ? "v2" : "v1";
      different += score.logit() == expected.get(other)[event] ? 0 : 1;
    }
    assertThat(different).isGreaterThanOrEqualTo(scores.size() * 99L / 100);
  }

  /** Bits of each event's logit, computed one event at a time. */
  private float[] logits(String version) {
    float[] logits = new float[EVENTS];
    try (ModelStore.Lease lease =
            new ModelStore(new SystemMemory()).acquire(rig.root.resolve(version));
        DeepFmScorer scorer = lease.model().newScorer()) {
      MicroBatcher<RawEvent> batcher =
          new MicroBatcher<>(RawEvents.KIND, rig.scoring(version), lease);
      float[] one = new float[1];
      for (int event = 0; event < EVENTS; event++) {
        batcher.add(TestModel.event(event), 0);
        FeatureBatch features = batcher.batch().features;
        scorer.score(features.dense(), features.toKeyedJaggedTensor(), one);
        logits[event] = one[0];
        batcher.batch().clear();
      }
    }
    return logits;
  }

  @Test
  void atBatchesNoCheckpointHasToComplete() throws Exception {
    RefreshSettings s = rig.settings();
    rig.settings(
        new RefreshSettings(
            s.root(),
            RefreshSettings.At.BATCH,
            s.pollMillis(),
            s.prepareTimeoutMillis(),
            s.startIfMissing(),
            s.cacheDir(),
            s.cacheBytes(),
            s.canary(),
            s.submission()));
    rig.checkpointMillis(0);
    rig.start("v1");
    Await.until("scores of v1", () -> rig.log.seen().contains("v1"));
    rig.publish("v2", 2);
    Await.until("scores of v2", () -> rig.log.seen().contains("v2"));
    rig.publisher().pin("v1");
    Await.until("rollback", () -> counter("refreshes") == 2);
  }

  @Test
  void aBoundedJobEndsAlthoughVersionsArePublished() throws Exception {
    rig.lastEvent(3_000);
    rig.start("v1");
    Await.until("scores of v1", () -> rig.log.seen().contains("v1"));
    for (int i = 2; i <= 9; i++) {
      rig.publish("v" + i, i);
    }
    assertThat(rig.cluster.requestJobResult(rig.job).get().isSuccess()).isTrue();
  }

  @Test
  void aSavepointKeepsTheVersionAcrossARescaling() throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    String savepoint =
        rig.cluster
            .stopWithSavepoint(
                rig.job,
                folder.resolve("sp").toUri().toString(),
                false,
                SavepointFormatType.CANONICAL)
            .get();
    rig.cluster.requestJobResult(rig.job).get();
    int before = rig.log.committed().size();
    rig.publisher().pin("v2");
    rig.restart("v1", 1, savepoint);
    Await.until("more checkpoints", () -> rig.log.committed().size() > before + 3);
    rig.log
        .committed()
        .tailMap(rig.log.committed().keySet().stream().skip(before).findFirst().orElseThrow())
        .values()
        .forEach(
            scores ->
                assertThat(scores).extracting(CommittedScores.Score::version).containsOnly("v2"));
  }

  @Test
  void aVersionThatIsAskedForCountsMoreThanTheSavepointsAndTheJobGoesOnFromThere()
      throws Exception {
    rig.start("v1");
    rig.awaitCommitted("v1");
    rig.publish("v2", 2);
    rig.awaitCommitted("v2");
    String savepoint =
        rig.cluster
            .stopWithSavepoint(
                rig.job,
                folder.resolve("sp").toUri().toString(),
                false,
                SavepointFormatType.CANONICAL)
            .get();
    rig.cluster.requestJobResult(rig.job).get();
    int before = rig.log.committed().size();
    rig.publisher().pin("v1");
    rig.restart("v1", true, 1, savepoint);
    Await.until("more checkpoints", () -> rig.log.committed().size() > before + 3);
    rig.log.committed().values().stream()
        .skip(before)
        .forEach(
            scores ->
                assertThat(scores).extracting(CommittedScores.Score::version).containsOnly("v1"));
    rig.publisher().unpin();
    Await.until(
        "the newest again",
        () ->
            rig.log.committed().lastEntry().getValue().stream()
                .anyMatch(s -> s.version().equals("v2")));
  }

  /** A version under another root, to be made bad before it is moved. */
  private Path publishElsewhere(String version, long seed) throws Exception {
    Path other = Files.createDirectories(folder.resolve("elsewhere"));
    new ModelPublisher(new LocalModelStorage(other), ModelChecks.standard())
        .publish(
            TestModel.write(folder.resolve("made"), version, seed),
            PublishOptions.DEFAULT.withVersion(version));
    return other;
  }

  private long counter(String... name) {
    return rig.coordinatorCounter(name);
  }
}
