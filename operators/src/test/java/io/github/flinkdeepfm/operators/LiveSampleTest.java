package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The latest batches, as far back as their bytes fit. */
class LiveSampleTest {
  @TempDir Path root;
  private ModelStore.Lease lease;
  private MicroBatcher<RawEvent> batcher;

  @BeforeEach
  void loadModel() throws Exception {
    Path directory = TestModel.write(root, "v1", 1);
    lease = new ModelStore(new SystemMemory()).acquire(directory);
    batcher =
        new MicroBatcher<>(RawEvents.KIND, ScoringSettings.ofDirectory(directory, "v1"), lease);
  }

  @AfterEach
  void release() {
    lease.close();
  }

  private void keep(LiveSample<RawEvent> sample, RawEvent... events) {
    Stream.of(events).forEach(event -> batcher.add(event, 0));
    sample.keep(batcher.batch());
    batcher.batch().clear();
  }

  private static List<Long> offsets(LiveSample<RawEvent> sample) {
    return sample.events().stream().map(event -> event.source().offset()).toList();
  }

  private static RawEvent large(long offset, int bytes) {
    String json = new String(TestModel.event(offset).value(), StandardCharsets.UTF_8);
    return TestModel.event(offset, json + " ".repeat(bytes));
  }

  @Test
  void keepsTheLastBatchesOldestFirst() {
    LiveSample<RawEvent> sample = new LiveSample<>(RawEvents.KIND, 2, 1, 1 << 20);
    keep(sample, TestModel.event(0), TestModel.event(1));
    keep(sample, TestModel.event(2));
    assertThat(offsets(sample)).containsExactly(0L, 1L, 2L);
    keep(sample, TestModel.event(3));
    assertThat(offsets(sample)).containsExactly(2L, 3L);
  }

  @Test
  void keepsMoreBatchesWhileTheirEventsAreTooFew() {
    LiveSample<RawEvent> sample = new LiveSample<>(RawEvents.KIND, 1, 3, 1 << 20);
    keep(sample, TestModel.event(0));
    keep(sample, TestModel.event(1));
    assertThat(sample.isEnough()).isFalse();
    keep(sample, TestModel.event(2), TestModel.event(3));
    assertThat(offsets(sample)).containsExactly(1L, 2L, 3L);
    assertThat(sample.isEnough()).isTrue();
    keep(sample, TestModel.event(4), TestModel.event(5), TestModel.event(6));
    assertThat(offsets(sample)).containsExactly(4L, 5L, 6L);
  }

  @Test
  void eventsThatNeverFitAreEnough() {
    LiveSample<RawEvent> sample = new LiveSample<>(RawEvents.KIND, 1, 100, 10_000);
    for (int i = 0; i < 3; i++) {
      keep(sample, large(i, 4_000));
    }
    assertThat(sample.isEnough()).isTrue();
    assertThat(offsets(sample)).containsExactly(1L, 2L);
  }

  @Test
  void dropsTheOldestEventsWhenTheirBytesDoNotFit() {
    LiveSample<RawEvent> sample = new LiveSample<>(RawEvents.KIND, 3, 1, 10_000);
    keep(sample, large(0, 4_000), large(1, 4_000));
    keep(sample, large(2, 4_000));
    assertThat(offsets(sample)).containsExactly(1L, 2L);
    keep(sample, TestModel.event(3));
    keep(sample, TestModel.event(4));
    assertThat(offsets(sample)).containsExactly(2L, 3L, 4L);
    keep(sample, large(5, 10_000));
    assertThat(offsets(sample)).isEmpty();
    keep(sample, TestModel.event(6));
    assertThat(offsets(sample)).containsExactly(6L);
  }

  @Test
  void keepsOfAnEventWhatEncodingReads() {
    RawEvent plain = TestModel.event(7);
    RawEvent event =
        new RawEvent(
            plain.source(),
            plain.timestamp(),
            new byte[1000],
            plain.value(),
            new EventHeader[] {new EventHeader("h", new byte[1000])});
    LiveSample<RawEvent> sample = new LiveSample<>(RawEvents.KIND, 1, 1, 1 << 20);
    keep(sample, event);
    RawEvent kept = sample.events().get(0);
    assertThat(kept.key()).isNull();
    assertThat(kept.headers()).isEmpty();
    assertThat(kept.value()).isSameAs(plain.value());
  }
}
