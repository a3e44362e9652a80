package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.fuzz.ByteMutator;
import io.github.flinkdeepfm.model.fuzz.JsonMutator;
import io.github.flinkdeepfm.model.fuzz.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * The scanner's way beside the parser's: nobody may see which one an event took, but for its speed.
 */
class EventScanTest {
  private static final int EVENTS = 40;

  private static List<EventScenario> scenarios;

  @BeforeContainer
  static void makeScenarios() throws IOException {
    scenarios = EventScenario.all(Files.createTempDirectory("scan"));
  }

  /** Of 1001 digits, which Jackson takes of chars though not of bytes. */
  private static final Pattern LONGEST_FRACTION = Pattern.compile("0[.eE][0-9]{1000}");

  /** What one event came to: all that a decoder says of it. */
  private record Outcome(
      String rejection,
      List<Object> outside,
      List<Float> dense,
      List<List<Long>> bags,
      List<List<Float>> weights) {

    /** What is no JSON, Jackson's parsers say in words of their own. */
    Outcome withoutWords() {
      boolean words = rejection.startsWith(DeadLetterReason.NOT_JSON.name());
      return words
          ? new Outcome(DeadLetterReason.NOT_JSON.name(), outside, dense, bags, weights)
          : this;
    }
  }

  /** One of the two ways. */
  private interface Way {
    void decode(byte[] value, FeatureBatch batch, DecodedEvent out) throws RejectedEventException;
  }

  @Property(tries = 600)
  void bothWaysAgreeOnGeneratedAndMutatedEvents(
      @ForAll @IntRange(max = 8) int scenario, @ForAll Random random) {
    EventScenario layout = scenarios.get(scenario);
    EventGenerator generator = new EventGenerator(layout, random);
    JsonMutator mutator = new JsonMutator(random, List.of("1700000000.1239", "0.0009"));
    ByteMutator damager = new ByteMutator(random);
    JsonEventDecoder scanning =
        new JsonEventDecoder(layout.mapping(), layout.features(), layout.model());
    JsonEventDecoder parsing =
        new JsonEventDecoder(layout.mapping(), layout.features(), layout.model());
    JsonEventDecoder untabled =
        new JsonEventDecoder(layout.mapping(), layout.features(), layout.model());
    FeatureBatch unlisted = untabled.newBatch();
    FeatureBatch scanned = scanning.newBatch();
    FeatureBatch parsed = parsing.newBatch();
    for (int i = 0; i < EVENTS; i++) {
      JsonTree tree = generator.next();
      int kind = random.nextInt(4);
      if (kind < 2) {
        mutator.mutate(tree, 1 + random.nextInt(3));
      }
      byte[] event = tree.write(random);
      byte[] value = kind == 2 ? damager.mutate(event) : event;
      Outcome outcome = outcome(scanning::decode, scanned, value);
      assertThat(outcome)
          .as(new String(value, UTF_8))
          .isEqualTo(outcome(parsing::decodeByParser, parsed, value));
      if (!LONGEST_FRACTION.matcher(new String(value, UTF_8)).find()) {
        assertThat(outcome(untabled::decodeWithoutTable, unlisted, value).withoutWords())
            .as(new String(value, UTF_8))
            .isEqualTo(outcome.withoutWords());
      }
    }
  }

  private static Outcome outcome(Way way, FeatureBatch batch, byte[] value) {
    int rows = batch.rows();
    DecodedEvent out = new DecodedEvent();
    try {
      way.decode(value, batch, out);
    } catch (RejectedEventException e) {
      assertThat(batch.rows()).isEqualTo(rows);
      return new Outcome(e.reason() + " " + e.detail(), List.of(), List.of(), List.of(), List.of());
    }
    List<Float> dense = new ArrayList<>();
    for (int c = 0; c < batch.numDense(); c++) {
      dense.add(batch.dense()[rows * batch.numDense() + c]);
    }
    List<List<Float>> weights = batch.isWeighted() ? Events.weights(batch, rows) : List.of();
    return new Outcome("", outside(out), dense, Events.bags(batch, rows), weights);
  }

  private static List<Object> outside(DecodedEvent out) {
    return Arrays.asList(
        out.eventId(),
        out.eventTime,
        text(out.label),
        Arrays.stream(out.copied).map(EventScanTest::text).toList(),
        out.cutBags,
        out.unknownFields);
  }

  private static String text(byte[] utf8) {
    return utf8 == null ? null : new String(utf8, UTF_8);
  }
}
