package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events as producers write them are scanned, all of them, and leave no garbage. */
class OrdinaryEventsTest {
  private static final int EVENTS = 512;
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean(); // to get it allocates, too

  @TempDir Path dir;
  private JsonEventDecoder decoder;
  private FeatureBatch batch;
  private final DecodedEvent out = new DecodedEvent();
  private final Random random = new Random(1);

  @BeforeEach
  void setUp() {
    ModelConfig model = Events.model(4, true, 100, EventScenario.ALL);
    FeaturesConfig features =
        Events.features(dir, model, EventScenario.EVERYTHING.formatted(",\"max_length\":4"));
    decoder = new JsonEventDecoder(EventMapping.DEFAULT, features, model);
    batch = decoder.newBatch();
  }

  @Test
  void theDefaultLayoutIsScanned() throws RejectedEventException {
    decodeAll(events("", false));
    assertThat(decoder.scanned()).isEqualTo(EVENTS);
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "\n  ", "\r\n\t"})
  void whiteSpaceIsNothingUnusual(String space) throws RejectedEventException {
    decodeAll(events(space, false));
    assertThat(decoder.scanned()).isEqualTo(EVENTS);
  }

  @Test
  void neitherIsAnyOrderOfTheFields() throws RejectedEventException {
    decodeAll(events("", true));
    assertThat(decoder.scanned()).isEqualTo(EVENTS);
  }

  @Test
  void ordinaryEventsAllocateNothing() throws RejectedEventException {
    List<byte[]> events = events("", false);
    double least = Double.MAX_VALUE; // interpreted code boxes: until it is compiled
    for (int round = 0; round < 200 && least > 0.1; round++) {
      long before = allocatedBytes();
      decodeAll(events);
      least = Math.min(least, (double) (allocatedBytes() - before) / EVENTS);
    }
    assertThat(least).as("bytes an event").isLessThan(0.1);
  }

  @Test
  void aStreamOfUnusualEventsIsSeldomScannedInVain() throws RejectedEventException {
    byte[] unusual = Events.utf8("{\"dense\":{\"d\":1},\"event_id\":\"\\u0061\"}");
    byte[] ordinary = Events.utf8("{\"dense\":{\"d\":1},\"event_id\":\"a\"}");
    for (int i = 0; i < 100; i++) {
      decoder.decode(unusual, batch, out);
    }
    for (int i = 0; i < 100; i++) {
      decoder.decode(ordinary, batch, out);
    }
    assertThat(decoder.scanned()).isBetween(80L, 99L);
    assertThat(out.eventId()).isEqualTo("a");
  }

  private static long allocatedBytes() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private void decodeAll(List<byte[]> events) throws RejectedEventException {
    batch.clear();
    for (byte[] event : events) {
      decoder.decode(event, batch, out);
    }
  }

  private List<byte[]> events(String space, boolean shuffled) {
    List<byte[]> events = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      List<String> fields = new ArrayList<>();
      fields.add("\"event_id\":" + (i % 2 == 0 ? "\"e-" + i + "\"" : i));
      fields.add("\"event_time\":" + (1_700_000_000_000L + i));
      fields.add("\"label\":" + i % 2);
      fields.add("\"user_agent\":\"M\\u00f6zilla\\/5.0 (\\\"x\\\") é\"");
      fields.add("\"context\":{\"tags\":[\"a\",{\"b\":[]}],\"ok\":true,\"none\":null,\"x\":-1e-7}");
      fields.add(object("dense", List.of("a", "b", "d"), name -> dense(), shuffled));
      fields.add(object("x", List.of("y/z"), name -> dense(), shuffled));
      List<String> weighted = i % 3 == 0 ? List.of() : List.of(EventScenario.ALL);
      fields.add(object("weights", weighted, name -> "[" + decimal() + ",1]", shuffled));
      fields.add(object("sparse", List.of(EventScenario.ALL), this::bag, shuffled));
      if (shuffled) {
        Collections.shuffle(fields, random);
      }
      String event = "{" + String.join(",", fields) + "}";
      events.add(Events.utf8(space + event.replaceAll("([,:{\\[])(?=[\"\\[{0-9-])", "$1" + space)));
    }
    return events;
  }

  private String object(
      String name, List<String> names, UnaryOperator<String> value, boolean shuffled) {
    List<String> fields = new ArrayList<>();
    names.forEach(field -> fields.add("\"" + field + "\":" + value.apply(field)));
    if (shuffled) {
      Collections.shuffle(fields, random);
    }
    return "\"" + name + "\":{" + String.join(",", fields) + "}";
  }

  private String bag(String feature) {
    return "[" + element(feature) + "," + element(feature) + "]";
  }

  private String element(String feature) {
    return switch (feature) {
      case "id" -> "" + random.nextInt(100);
      case "mod", "drop" -> "" + (random.nextInt(300) - 100);
      case "hash" ->
          random.nextBoolean() ? "" + random.nextLong() : "\"käse" + random.nextInt() + "\"";
      case "hex" -> String.format(Locale.ROOT, "\"%08x\"", random.nextInt());
      case "words" -> List.of("\"red\"", "\"blue\"", "\"grün\"").get(random.nextInt(3));
      default -> decimal();
    };
  }

  private String dense() {
    return random.nextInt(5) == 0 ? "3e2" : decimal();
  }

  private String decimal() {
    return switch (random.nextInt(3)) {
      case 0 -> "" + random.nextInt(1000);
      case 1 -> "" + random.nextInt() / 1e5;
      default -> random.nextInt(100) + "." + random.nextInt(100);
    };
  }
}
