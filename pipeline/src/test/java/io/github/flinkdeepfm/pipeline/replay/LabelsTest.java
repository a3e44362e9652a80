package io.github.flinkdeepfm.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelsTest {
  @TempDir Path folder;

  @Test
  void theLastOfSeveralLabelsCountsAndStandsBeforeTheEventsOwn() throws Exception {
    Labels labels =
        read(
            """
            {"event_id":"late","label":1}
            {"event_id":"early","label":false}
            {"event_id":17,"label":1}
            {"event_id":"late","label":0,"seen_at":3}
            """);
    assertThat(labels.of(event("late", "1"))).isZero();
    assertThat(labels.of(event("early", null))).isZero();
    assertThat(labels.of(event("17", null))).isOne();
    assertThat(labels.of(event("own", "1"))).isOne();
    assertThat(labels.of(event("none", null))).isNaN();
    assertThat(labels.of(event("odd", "0.5"))).isNaN();
  }

  @Test
  void labelsThatNoEventUsedAreCounted() throws Exception {
    Labels labels = read("{\"event_id\":\"a\",\"label\":1}\n{\"event_id\":\"b\",\"label\":1}");
    labels.of(event("b", null));
    labels.of(event("b", null));
    assertThat(labels.unmatched()).isOne();
  }

  @Test
  void aLineThatIsNoLabelIsNamed() {
    for (String line :
        new String[] {"{\"event_id\":\"a\"}", "[", "{\"event_id\":\"a\",\"label\":2}"}) {
      assertThatThrownBy(() -> read("{\"event_id\":\"a\",\"label\":1}\n" + line + "\n"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("labels.jsonl-0-1: expected {\"event_id\":…,\"label\":0 or 1}, got")
          .hasMessageEndingWith(line);
    }
  }

  private Labels read(String lines) throws IOException {
    Path file = Files.writeString(folder.resolve("labels.jsonl"), lines);
    return Labels.read(file.toString(), null);
  }

  private static ScoredEvent event(String id, String label) {
    return new ScoredEvent(
        new RawEvent(
            new SourceCoordinates("events", 0, 0), 0, null, new byte[0], new EventHeader[0]),
        id,
        0,
        0,
        0.5f,
        "v1",
        "n",
        0,
        label == null ? null : label.getBytes(StandardCharsets.UTF_8),
        null);
  }
}
