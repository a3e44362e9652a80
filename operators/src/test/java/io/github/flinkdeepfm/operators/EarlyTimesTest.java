package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarlyTimesTest {
  @TempDir Path root;

  @ParameterizedTest
  @CsvSource({
    "EPOCH_MS, 1700000000, 1", // seconds
    "EPOCH_MS, 0, 1",
    "EPOCH_MS, 946684799999, 1",
    "EPOCH_MS, 946684800000, 0",
    "EPOCH_MS, 1700000000000, 0",
    "EPOCH_S, 1700000000, 0",
    "EPOCH_S, 5, 0" // what was asked for
  })
  void aTimeBefore2000IsCountedWhereMillisecondsAreExpected(
      TimeFormat format, long time, long counted) throws Exception {
    Path directory = TestModel.write(root, "v1", 1);
    EventMapping mapping =
        new EventMapping("/event_id", "/event_time", format, "/label", List.of(), 1000, 10);
    ScoringSettings settings =
        new ScoringSettings(
            null, directory.toString(), "v1", false, mapping, 10, 10, 0, 1000, null);
    String plain = new String(TestModel.event(0).value(), StandardCharsets.UTF_8);
    String event = plain.replaceFirst("\\{", "{\"event_time\":" + time + ",");
    try (ModelStore.Lease lease = new ModelStore(new SystemMemory()).acquire(directory)) {
      MicroBatcher<RawEvent> batcher = new MicroBatcher<>(RawEvents.KIND, settings, lease);
      batcher.add(TestModel.event(1, event), 0);
      assertThat(batcher.batch().rows()).isEqualTo(1);
      assertThat(batcher.earlyTimes()).isEqualTo(counted);
    }
  }
}
