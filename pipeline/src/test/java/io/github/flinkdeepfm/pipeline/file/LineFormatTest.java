package io.github.flinkdeepfm.pipeline.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineFormatTest {
  @Test
  void linesAreCutAtNewlinesOnly() throws IOException {
    assertThat(lines("a\r\n\nb")).containsExactly("a\r", "", "b");
  }

  @Test
  void aTrailingNewlineStartsNoLine() throws IOException {
    assertThat(lines("a\n")).containsExactly("a");
    assertThat(lines("")).isEmpty();
  }

  @Test
  void aLineLongerThanTheBufferIsWhole() throws IOException {
    String line = "x".repeat(200_000);
    assertThat(lines("a\n" + line + "\nb")).containsExactly("a", line, "b");
  }

  @Test
  void sourceIsFileNameAndLineFromZero() throws IOException {
    assertThat(events("a\nb"))
        .extracting(RawEvent::source)
        .containsExactly(
            new SourceCoordinates("events.jsonl", 0, 0),
            new SourceCoordinates("events.jsonl", 0, 1));
  }

  private static List<String> lines(String text) throws IOException {
    return events(text).stream()
        .map(event -> new String(event.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private static List<RawEvent> events(String text) throws IOException {
    List<RawEvent> events = new ArrayList<>();
    try (LineReader reader =
        new LineReader(
            "events.jsonl", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))) {
      for (RawEvent event = reader.read(); event != null; event = reader.read()) {
        events.add(event);
      }
    }
    return events;
  }
}
