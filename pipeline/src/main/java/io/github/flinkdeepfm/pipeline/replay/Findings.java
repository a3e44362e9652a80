package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Counts findings, writes each as a line of JSON, and keeps the first. The file is made with the
 * first finding. Thread-safe.
 *
 * <pre>{@code
 * {"kind":"MISMATCH","source":{"topic":"events","partition":0,"offset":17},"event_id":"a1",
 *  "detail":"…","recorded":{"model_version":"000042","logit":-0.31,"bits":"be9eb852","numerics":"…"},
 *  "replayed":{…},"event":"{…}"}
 * }</pre>
 *
 * {@code event} is the event's text, or {@code event_base64} its bytes where they are not UTF-8.
 */
final class Findings implements AutoCloseable {
  private static final int KEPT = 20;

  private final Path file;
  private final Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
  private final List<Finding> first = new ArrayList<>();
  private JsonGenerator json;

  /**
   * @param file what an earlier replay has left there goes
   */
  Findings(Path file) throws IOException {
    this.file = file;
    Files.deleteIfExists(file);
  }

  /** Notes a finding that stands for one event. */
  void add(Finding finding) {
    add(finding, 1);
  }

  /**
   * @param events how many events or scores it stands for
   */
  synchronized void add(Finding finding, long events) {
    count(finding.kind(), events);
    if (first.size() < KEPT) {
      first.add(finding);
    }
    try {
      write(finding, events);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": could not be written", e);
    }
  }

  /** Counts without listing. */
  synchronized void count(Finding.Kind kind, long events) {
    counts.merge(kind, events, Long::sum);
  }

  synchronized long count(Finding.Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** The first findings, in the order in which they were made. */
  synchronized List<Finding> first() {
    return List.copyOf(first);
  }

  /** Whether the file was written. */
  synchronized boolean isListed() {
    return json != null;
  }

  private void write(Finding finding, long events) throws IOException {
    if (json == null) {
      BufferedWriter out = Files.newBufferedWriter(file);
      json = new JsonFactory().createGenerator(out);
      json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
    }
    json.writeStartObject();
    json.writeStringField("kind", finding.kind().name());
    json.writeObjectFieldStart("source");
    json.writeStringField("topic", finding.topic());
    json.writeNumberField("partition", finding.partition());
    json.writeNumberField("offset", finding.offset());
    json.writeEndObject();
    if (events != 1) {
      json.writeNumberField("count", events);
    }
    if (!finding.eventId().isEmpty()) {
      json.writeStringField("event_id", finding.eventId());
    }
    json.writeStringField("detail", finding.detail());
    write("recorded", finding.recorded());
    write("replayed", finding.replayed());
    if (finding.event() != null) {
      writeEvent(finding.event());
    }
    json.writeEndObject();
  }

  private void write(String name, Finding.Side side) throws IOException {
    if (side != null) {
      json.writeObjectFieldStart(name);
      json.writeStringField("model_version", side.modelVersion());
      json.writeNumberField("logit", side.logit());
      json.writeStringField("bits", "%08x".formatted(Float.floatToRawIntBits(side.logit())));
      json.writeStringField("numerics", side.numerics());
      json.writeEndObject();
    }
  }

  private void writeEvent(byte[] event) throws IOException {
    String text = new String(event, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') < 0) {
      json.writeStringField("event", text);
    } else {
      json.writeStringField("event_base64", Base64.getEncoder().encodeToString(event));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (json != null) {
      json.close();
    }
  }
}
