package io.github.flinkdeepfm.pipeline.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.JsonEventDecoder;
import io.github.flinkdeepfm.pipeline.demo.DemoClicks;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Decoding: the bytes of 8192 clicks of the demo to batches' dense columns and KJT, beside Jackson
 * databind to a map of each, and beside Jackson's streaming parser over all tokens, with which
 * nothing is built. Both of Jackson's are as they come, one factory for all events.
 */
public final class DecodeSpeed {
  private static final int BATCH = 1024;
  private static final int BATCHES = 8;
  private static final int ALLOCATION_CALLS = 200;
  private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

  private final DemoClicks clicks;
  private final EventDecoder decoder;
  private final FeatureBatch batch;
  private final DecodedEvent decoded = new DecodedEvent();
  private final ObjectMapper mapper = new ObjectMapper();
  private final JsonFactory factory = new JsonFactory();

  /** What the sides have read, so that no reading can be left out. */
  private long seen;

  private DecodeSpeed(DemoClicks clicks) {
    this.clicks = clicks;
    decoder = new JsonEventDecoder(EventMapping.DEFAULT, clicks.features(), clicks.model());
    batch = decoder.newBatch();
  }

  /**
   * @param args the file of the rows
   */
  public static void main(String[] args) throws Exception {
    BenchReport report = new BenchReport(Path.of(args[0]));
    new DecodeSpeed(DemoClicks.of(7, BATCHES * BATCH)).measure(report);
  }

  private void measure(BenchReport report) throws Exception {
    for (int call = 0; call < BATCHES; call++) {
      decode(call);
      new MapColumns(clicks.features(), clicks.model()).requireSame(parsed(call), batch);
    }
    String note = String.format(Locale.ROOT, "events of %.0f bytes on average", clicks.meanBytes());
    SideBySide rounds = new SideBySide(9, 2_000_000_000L, 500_000_000L);
    report.add(
        rounds
            .compare("decode.vs_databind", "events/s", BATCH, this::decode, "databind", this::map)
            .withGoal(">= 3")
            .withNote(note));
    report.add(
        rounds
            .compare(
                "decode.vs_streaming", "events/s", BATCH, this::decode, "streaming", this::skim)
            .withGoal(">= 0.8")
            .withNote(note));
    report.add(
        BenchRow.reading("decode.allocation", "bytes/event", bytesPerEvent()).withGoal("<= 0.1"));
    new FormatSpeed(clicks).measure(report);
    if (seen == 0) {
      throw new IllegalStateException("expected events to be read, got none");
    }
  }

  private List<byte[]> events(int call) {
    int from = call % BATCHES * BATCH;
    return clicks.events().subList(from, from + BATCH);
  }

  private void decode(int call) throws Exception {
    batch.clear();
    List<byte[]> events = events(call);
    for (int i = 0; i < BATCH; i++) {
      decoder.decode(events.get(i), batch, decoded);
    }
    seen += batch.toKeyedJaggedTensor().offsets().length;
  }

  private void map(int call) throws IOException {
    for (byte[] event : events(call)) {
      seen += mapper.readValue(event, MAP).size();
    }
  }

  private void skim(int call) throws IOException {
    for (byte[] event : events(call)) {
      try (JsonParser parser = factory.createParser(event)) {
        while (parser.nextToken() != null) {
          seen++;
        }
      }
    }
  }

  private List<Map<String, Object>> parsed(int call) throws IOException {
    List<Map<String, Object>> maps = new ArrayList<>();
    for (byte[] event : events(call)) {
      maps.add(mapper.readValue(event, MAP));
    }
    return maps;
  }

  /** On this thread, after all the warm-up of the rows above. The KJT is one object a batch. */
  private double bytesPerEvent() throws Exception {
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = thread.getThreadAllocatedBytes(id);
    for (int call = 0; call < ALLOCATION_CALLS; call++) {
      decode(call);
    }
    long after = thread.getThreadAllocatedBytes(id);
    return (double) (after - before) / (ALLOCATION_CALLS * BATCH);
  }
}
