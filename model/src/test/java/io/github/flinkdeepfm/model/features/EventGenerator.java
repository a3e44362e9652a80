package io.github.flinkdeepfm.model.features;

import io.github.flinkdeepfm.model.fuzz.JsonTree;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes events that are valid for a scenario, or nearly. */
final class EventGenerator {
  private static final String[] STRINGS = {
    "red", "grün", "blue", "😀", "", "käse", "a\"b\\c", "\u0007"
  };

  private final EventScenario scenario;
  private final Random random;

  EventGenerator(EventScenario scenario, Random random) {
    this.scenario = scenario;
    this.random = random;
  }

  JsonTree next() {
    List<Runnable> steps = new ArrayList<>();
    JsonTree event = JsonTree.object();
    EventMapping mapping = scenario.mapping();
    steps.add(() -> put(event, mapping.id(), id()));
    steps.add(() -> put(event, mapping.time(), time()));
    steps.add(() -> put(event, mapping.label(), "" + random.nextInt(2)));
    for (DenseFeature feature : scenario.features().dense()) {
      steps.add(() -> put(event, feature.source(), decimal()));
    }
    for (SparseFeature feature : scenario.features().sparse()) {
      steps.add(() -> putBag(event, feature));
    }
    if (random.nextInt(3) == 0) {
      Collections.shuffle(steps, random);
    }
    for (Runnable step : steps) {
      if (random.nextInt(200) > 0) {
        step.run();
      }
    }
    mapping
        .copy()
        .forEach(pointer -> put(event, pointer, random.nextBoolean() ? "{\"k\": 1}" : "7"));
    return event;
  }

  private void putBag(JsonTree event, SparseFeature feature) {
    int n = random.nextInt(random.nextInt(10) == 0 ? 7 : 3);
    List<JsonTree> ids = new ArrayList<>();
    List<JsonTree> weights = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      ids.add(JsonTree.scalar(element(feature.encoding())));
      weights.add(JsonTree.scalar(decimal()));
    }
    boolean alone = n == 1 && random.nextBoolean();
    put(event, feature.source(), alone ? ids.get(0) : JsonTree.array(ids));
    if (scenario.model().isWeighted() ? random.nextInt(3) > 0 : random.nextInt(20) == 0) {
      put(event, feature.weightsSource(), alone ? weights.get(0) : JsonTree.array(weights));
    }
  }

  private static void put(JsonTree event, String pointer, String value) {
    put(event, pointer, JsonTree.scalar(value));
  }

  private static void put(JsonTree event, String pointer, JsonTree value) {
    if (pointer != null) {
      var unused = event.put(JsonPointers.parse(pointer), value);
    }
  }

  private String id() {
    return random.nextInt(4) == 0 ? "" + random.nextLong() : JsonTree.quote("e" + random.nextInt());
  }

  private String time() {
    long second = 1_700_000_000L + random.nextInt();
    return switch (scenario.mapping().timeFormat()) {
      case EPOCH_MS -> second + "" + random.nextInt(10) + "00";
      case EPOCH_S -> second + (random.nextBoolean() ? "." + random.nextInt(1 << 20) : "");
      case ISO8601 -> isoTime();
    };
  }

  private String isoTime() {
    String[] offsets = {"Z", "", "z", "+05:30", "-0330", "+02", "+18:00", "-18:01", "+00:60"};
    String[] seconds = {"", ":09", ":09.", ":09.5", ":59.123456789", ":60", ":09.1234567890"};
    return "\"2024-0%d-%02d%s07:0%d%s%s\""
        .formatted(
            1 + random.nextInt(9),
            1 + random.nextInt(random.nextInt(20) == 0 ? 31 : 28),
            random.nextInt(9) == 0 ? "t" : "T",
            random.nextInt(6),
            random.nextInt(5) > 0 ? ":09" : seconds[random.nextInt(seconds.length)],
            random.nextInt(3) > 0 ? "Z" : offsets[random.nextInt(offsets.length)]);
  }

  private String element(Encoding encoding) {
    if (encoding instanceof Encoding.Id id) {
      boolean wide = id.onOutOfRange() != Encoding.OnOutOfRange.REJECT;
      return integer(wide ? random.nextInt(300) - 100 : random.nextInt(100), id.accept());
    }
    if (encoding instanceof Encoding.Hex) {
      return "\"" + Long.toHexString(random.nextLong() >>> random.nextInt(64)) + "\"";
    }
    if (encoding instanceof Encoding.Bucketize) {
      return decimal();
    }
    if (encoding instanceof Encoding.Hash hash && random.nextBoolean()) {
      return integer(random.nextLong() >> random.nextInt(64), hash.accept());
    }
    return JsonTree.quote(STRINGS[random.nextInt(STRINGS.length)]);
  }

  /** As it is or in a form that is accepted. */
  private String integer(long value, Accept accept) {
    boolean exact = Math.abs((double) value) < 0x1p53;
    return switch (random.nextInt(4)) {
      case 0 -> accept.strings() ? "\"" + value + "\"" : "" + value;
      case 1 ->
          accept.floats() && exact ? value + (random.nextBoolean() ? ".0" : "e0") : "" + value;
      default -> "" + value;
    };
  }

  private String decimal() {
    return switch (random.nextInt(5)) {
      case 0 -> "" + random.nextInt(1000);
      case 1 -> "" + random.nextGaussian() * 100;
      case 2 -> random.nextInt(100) + "." + random.nextInt(100);
      case 3 -> "" + Float.intBitsToFloat(random.nextInt() & 0xBF7F_FFFF);
      default -> random.nextLong() + "e" + (random.nextInt(60) - 40);
    };
  }
}
