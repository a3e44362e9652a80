package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every event of a batch leaves as a score or as a dead letter, with the version it was made by.
 */
class ScoringOperatorTest {
  @TempDir Path root;

  private static OneInputStreamOperatorTestHarness<MicroBatch<RawEvent>, ScoredEvent> harness()
      throws Exception {
    OneInputStreamOperatorTestHarness<MicroBatch<RawEvent>, ScoredEvent> harness =
        new OneInputStreamOperatorTestHarness<>(new ScoringOperatorFactory<>(RawEvents.KIND, null));
    harness.setup(new ChainedSerializer<>(ScoredEvent.class));
    return harness;
  }

  private static MicroBatcher<RawEvent> batcher(ModelStore.Lease lease, Path directory) {
    return new MicroBatcher<>(
        RawEvents.KIND, ScoringSettings.ofDirectory(directory, lease.model().version()), lease);
  }

  @Test
  void scoresEachRowAndPassesItsCompanionsThrough() throws Exception {
    Path directory = TestModel.write(root, "v1", 1);
    try (ModelStore.Lease lease = ModelStore.SHARED.acquire(directory);
        var harness = harness()) {
      harness.setProcessingTime(5_000);
      harness.open();
      MicroBatcher<RawEvent> batcher = batcher(lease, directory);
      batcher.add(TestModel.event(0), 0);
      batcher.add(
          TestModel.event(
              1,
              "{\"event_time\":42,\"label\":1,\"dense\":{\"dense_0\":1,\"dense_1\":2},\"sparse\":{}}"),
          0);
      harness.processElement(batcher.batch(), 0);
      List<ScoredEvent> scores = harness.extractOutputValues();
      assertThat(scores).hasSize(2);
      ScoredEvent first = scores.get(0);
      assertThat(first.eventId()).isEqualTo("e0");
      assertThat(first.modelVersion()).isEqualTo("v1");
      assertThat(first.numerics()).isEqualTo(lease.model().numerics());
      assertThat(first.scoredAt()).isEqualTo(5_000);
      assertThat(first.score()).isEqualTo(DeepFmScorer.sigmoid(first.logit()));
      assertThat(first.timestamp()).isEqualTo(1_000);
      ScoredEvent second = scores.get(1);
      assertThat(second.eventId()).isEqualTo("events-0-1");
      assertThat(second.timestamp()).isEqualTo(42);
      assertThat(new String(second.label(), java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("1");
    }
  }

  @Test
  void aLogitThatIsNotFiniteIsADeadLetterAndItsNeighboursAreScores() throws Exception {
    Path directory = TestModel.write(root, "v1", 1);
    try (ModelStore.Lease lease = ModelStore.SHARED.acquire(directory);
        var harness = harness()) {
      harness.open();
      MicroBatcher<RawEvent> batcher = batcher(lease, directory);
      batcher.add(TestModel.event(0), 0);
      batcher.add(
          TestModel.event(1, "{\"dense\":{\"dense_0\":3e38,\"dense_1\":3e38},\"sparse\":{}}"), 0);
      batcher.add(TestModel.event(2, null), 0);
      harness.processElement(batcher.batch(), 0);
      assertThat(harness.extractOutputValues())
          .extracting(ScoredEvent::eventId)
          .containsExactly("e0");
      assertThat(harness.getSideOutput(ScoringPipeline.DEAD_LETTERS))
          .extracting(r -> r.getValue().event().source().offset() + " " + r.getValue().reason())
          .containsExactly(
              "1 " + DeadLetterReason.LOGIT_NOT_FINITE, "2 " + DeadLetterReason.TOMBSTONE);
    }
  }

  @Test
  void followsTheVersionThatTheBatchCarries() throws Exception {
    Path v1 = TestModel.write(root, "v1", 1);
    Path v2 = TestModel.write(root, "v2", 2);
    try (var harness = harness()) {
      harness.open();
      for (Path directory : List.of(v1, v2, v1)) {
        try (ModelStore.Lease lease = ModelStore.SHARED.acquire(directory)) {
          MicroBatcher<RawEvent> batcher = batcher(lease, directory);
          batcher.add(TestModel.event(4), 0);
          harness.processElement(batcher.batch(), 0);
        }
      }
      List<ScoredEvent> scores = harness.extractOutputValues();
      assertThat(scores).extracting(ScoredEvent::modelVersion).containsExactly("v1", "v2", "v1");
      assertThat(scores.get(0).logit()).isEqualTo(scores.get(2).logit());
      assertThat(scores.get(0).logit()).isNotEqualTo(scores.get(1).logit());
      Await.until(
          "claims on what it scores with only",
          () -> ModelStore.SHARED.references(v2) == 0 && ModelStore.SHARED.references(v1) == 1);
    }
    assertThat(ModelStore.SHARED.references(v1)).isZero();
  }
}
