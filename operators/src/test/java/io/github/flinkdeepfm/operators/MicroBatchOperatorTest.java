package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.features.EventMapping;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shell around {@link MicroBatcher}: when a batch leaves, and what a checkpoint remembers. */
class MicroBatchOperatorTest {
  @TempDir Path root;
  private Path directory;

  @BeforeEach
  void writeModel() throws Exception {
    directory = TestModel.write(root, "v1", 1);
  }

  private ScoringSettings settings(int rows, int ids, long linger) {
    return new ScoringSettings(
        root.toString(),
        directory.toString(),
        "v1",
        false,
        EventMapping.DEFAULT,
        rows,
        ids,
        linger,
        ScoringSettings.DEFAULT_OUTPUT_LIMIT,
        null);
  }

  private static OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness(
      ScoringSettings settings) throws Exception {
    OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness =
        new OneInputStreamOperatorTestHarness<>(
            new MicroBatchOperatorFactory<>(RawEvents.KIND, settings));
    harness.setup(new BatchSnapshots());
    return harness;
  }

  private static List<String> out(
      OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness) {
    List<String> seen = new ArrayList<>();
    for (Object element : harness.getOutput()) {
      seen.add(
          element instanceof Watermark mark
              ? "watermark " + mark.getTimestamp()
              : BatchSnapshots.describe(element));
    }
    harness.getOutput().clear();
    return seen;
  }

  @Test
  void closesABatchByRows() throws Exception {
    try (var harness = harness(settings(3, 1000, 50))) {
      harness.open();
      for (int i = 0; i < 7; i++) {
        harness.processElement(TestModel.event(i), i);
      }
      assertThat(out(harness)).containsExactly("0 1 2", "3 4 5");
    }
  }

  @Test
  void closesABatchByIds() throws Exception {
    try (var harness = harness(settings(100, 6, 50))) {
      harness.open();
      for (int i = 0; i < 5; i++) {
        harness.processElement(TestModel.event(i), i);
      }
      assertThat(out(harness)).containsExactly("0 1", "2 3");
    }
  }

  @Test
  void closesABatchWhenItsFirstEventHasLingered() throws Exception {
    try (var harness = harness(settings(3, 1000, 50))) {
      harness.setProcessingTime(0);
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.setProcessingTime(49);
      assertThat(out(harness)).isEmpty();
      harness.processElement(TestModel.event(1), 0);
      harness.setProcessingTime(50);
      assertThat(out(harness)).containsExactly("0 1");
      harness.setProcessingTime(500);
      assertThat(out(harness)).isEmpty();
    }
  }

  @Test
  void theTimerOfAFullBatchDoesNotCutTheNextOneShort() throws Exception {
    try (var harness = harness(settings(2, 1000, 50))) {
      harness.setProcessingTime(0);
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.processElement(TestModel.event(1), 0);
      harness.setProcessingTime(40);
      harness.processElement(TestModel.event(2), 0);
      assertThat(out(harness)).containsExactly("0 1");
      harness.setProcessingTime(50);
      assertThat(out(harness)).isEmpty();
      harness.setProcessingTime(90);
      assertThat(out(harness)).containsExactly("2");
    }
  }

  @Test
  void withoutLingerEachEventIsABatch() throws Exception {
    try (var harness = harness(settings(100, 1000, 0))) {
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.processElement(TestModel.event(1), 0);
      assertThat(out(harness)).containsExactly("0", "1");
    }
  }

  @Test
  void holdsNothingBackAcrossABarrierAWatermarkOrTheEnd() throws Exception {
    try (var harness = harness(settings(100, 1000, 1000))) {
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.prepareSnapshotPreBarrier(1);
      assertThat(out(harness)).containsExactly("0");
      harness.processElement(TestModel.event(1), 0);
      harness.processWatermark(new Watermark(7));
      assertThat(out(harness)).containsExactly("1", "watermark 7");
      harness.processElement(TestModel.event(2), 0);
      harness.endInput();
      assertThat(out(harness)).containsExactly("2");
    }
  }

  @Test
  void aRejectedEventLeavesWithItsBatch() throws Exception {
    try (var harness = harness(settings(3, 1000, 50))) {
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.processElement(TestModel.event(1, "{"), 0);
      harness.processElement(TestModel.event(2), 0);
      assertThat(out(harness)).containsExactly("0 2 rejected 1:NOT_JSON");
    }
  }

  @Test
  void aRestoredJobGoesOnWithTheVersionInItsState() throws Exception {
    OperatorSubtaskState state;
    try (var harness = harness(settings(3, 1000, 50))) {
      harness.open();
      state = harness.snapshot(1, 1);
    }
    Path newer = TestModel.write(root, "v2", 2);
    ScoringSettings started =
        new ScoringSettings(
            root.toString(),
            newer.toString(),
            "v2",
            false,
            EventMapping.DEFAULT,
            1,
            1000,
            50,
            1000,
            null);
    assertThat(versionAfterRestore(started, state)).isEqualTo("v1");
    ScoringSettings forced =
        new ScoringSettings(
            root.toString(),
            newer.toString(),
            "v2",
            true,
            EventMapping.DEFAULT,
            1,
            1000,
            50,
            1000,
            null);
    assertThat(versionAfterRestore(forced, state)).isEqualTo("v2");
  }

  private String versionAfterRestore(ScoringSettings settings, OperatorSubtaskState state)
      throws Exception {
    try (var harness = harness(settings)) {
      harness.initializeState(state);
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      return BatchSnapshots.version(harness.getOutput().remove());
    }
  }

  @Test
  void anAbsentModelIsRefusedAtStart() throws Exception {
    ScoringSettings gone =
        new ScoringSettings(
            root.toString(),
            root.resolve("v9").toString(),
            "v9",
            false,
            EventMapping.DEFAULT,
            1,
            1000,
            50,
            1000,
            null);
    try (var harness = harness(gone)) {
      assertThatThrownBy(harness::open).hasMessageContaining("v9");
    }
    assertThat(ModelStore.SHARED.references(directory)).isZero();
  }

  @Test
  void aModelIsLoadedOnceAndReleasedWithItsLastUser() throws Exception {
    try (var first = harness(settings(1, 1000, 50));
        var second = harness(settings(1, 1000, 50))) {
      first.open();
      second.open();
      assertThat(ModelStore.SHARED.references(directory)).isEqualTo(2);
    }
    assertThat(ModelStore.SHARED.references(directory)).isZero();
  }
}
