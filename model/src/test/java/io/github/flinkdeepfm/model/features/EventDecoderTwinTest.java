package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fast decoder against its slow twin, on seeded mutations of valid events. */
class EventDecoderTwinTest {
  private static final int EVENTS = 12_000;

  /** Values that some rule looks at closely. */
  private static final String[] ODD = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "17",
    "99",
    "100",
    "-1",
    "17.0",
    "1e3",
    "1E+2",
    "1e999",
    "-1e999",
    "1e-400",
    "3.4028235e38",
    "3.4028236e38",
    "0.1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1e30",
    "2.5e-3",
    "4.35",
    "0.30000000000000004",
    "[]",
    "{}",
    "[1]",
    "[null]",
    "[1,[2]]",
    "[1,2,3,4,5]",
    "{\"a\":1}",
    "{ \"y/z\" : 2 , \"k\" : [ 1 , \"a b\" ] }",
    "\"\"",
    "\"red\"",
    "\"grün\"",
    "\"\\ud83d\\ude00\"",
    "\"😀\"",
    "\"\\ud83d\"",
    "\"\\ude00x\"",
    "\"ff\"",
    "\"FFffFFffFFffFFff\"",
    "\"1ffffffffffffffff\"",
    "\"g\"",
    "\"\\u0066\"",
    "\"a\\\"b\\\\\"",
    "NaN",
    "Infinity",
    "01",
    "+1",
    ".5",
    "5.",
    "1e",
    "--1",
    "tru",
    "'x'",
    "\"\\x\"",
    "\"\t\"",
    "1700000000000",
    "1700000000.1239",
    "253402300800000",
    "253402300799.9999",
    "253402300800",
    "0.0009",
    "-0.0001",
    "\"2024-02-29T10:11:12.3456789Z\"",
    "\"2023-02-29T10:11:12Z\"",
    "\"2024-02-29\"",
    "\"2024-02-29T10:11:12\"",
    "\"2024-02-29T23:11:12+05:30\"",
    "\"1970-01-01T00:00:00+01:00\""
  };

  private static final byte[] ODD_BYTES = {
    0,
    '"',
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    ' ',
    '0',
    '9',
    '-',
    '.',
    'e',
    'n',
    'u',
    (byte) 0x80,
    (byte) 0xC0,
    (byte) 0xC3,
    (byte) 0xED,
    (byte) 0xF0,
    (byte) 0xFF,
    '\n',
    0x1F
  };

  @TempDir Path dir;

  @Test
  void agreesOnAnUnweightedModel() {
    check(1, false, ",\"max_length\":4", mapping(TimeFormat.EPOCH_MS, 9, "/extra", "/x/k"));
  }

  @Test
  void agreesOnAWeightedModel() {
    check(2, true, "", mapping(TimeFormat.EPOCH_S, 12));
  }

  @Test
  void agreesWherePointersAreSharedOrPrefixesOfOthers() {
    String source = ",\"source\":\"/sparse/id\",\"weights_source\":\"/weights/id\"";
    check(
        3,
        true,
        source,
        mapping(TimeFormat.ISO8601, 100, "/x", "/dense/a", "/sparse/id", "/sparse"));
  }

  @Test
  void agreesOnWhatIsOptionalInEncodings() {
    checkOf(4, false, EventScenario.LENIENT.formatted("abs"), mapping(TimeFormat.EPOCH_MS, 20));
    checkOf(5, true, EventScenario.LENIENT.formatted("signed"), mapping(TimeFormat.EPOCH_MS, 20));
  }

  private static EventMapping mapping(TimeFormat format, int maxIds, String... copy) {
    return new EventMapping(
        "/event_id", "/event_time", format, "/label", List.of(copy), 3000, maxIds);
  }

  private void check(long seed, boolean weighted, String lastFeature, EventMapping mapping) {
    checkOf(seed, weighted, EventScenario.EVERYTHING.formatted(lastFeature), mapping);
  }

  private void checkOf(long seed, boolean weighted, String featuresJson, EventMapping mapping) {
    ModelConfig model = Events.model(4, weighted, 100, EventScenario.ALL);
    FeaturesConfig features = Events.features(dir, model, featuresJson);
    JsonEventDecoder fast = new JsonEventDecoder(mapping, features, model);
    TreeEventDecoder slow = new TreeEventDecoder(mapping, features, model);
    FeatureBatch batch = fast.newBatch();
    DecodedEvent out = new DecodedEvent();
    Random random = new Random(seed);
    List<TreeEventDecoder.Decoded> expected = new ArrayList<>();
    int accepted = 0;
    for (int i = 0; i < EVENTS; i++) {
      byte[] event = event(random, mapping.timeFormat(), weighted);
      TreeEventDecoder.Decoded row = null;
      DeadLetterReason expectedReason = null;
      try {
        row = slow.decode(event);
      } catch (TreeEventDecoder.Rejected e) {
        expectedReason = e.reason;
      }
      String text = new String(event, UTF_8);
      DeadLetterReason reason = null;
      String detail = "";
      try {
        fast.decode(event, batch, out);
      } catch (RejectedEventException e) {
        reason = e.reason();
        detail = e.reason() + " " + e.detail();
        assertThat(detail).as(text).hasSizeLessThan(300).doesNotContain("\n");
      }
      assertThat(reason).as("%s\n%s", text, detail).isEqualTo(expectedReason);
      if (row != null) {
        accepted++;
        row.text = text;
        expected.add(row);
        checkOutside(row, out, text);
      }
      if (expected.size() == 64) {
        checkColumns(batch, expected);
        batch.clear();
        expected.clear();
      }
    }
    checkColumns(batch, expected);
    // Neither verdict may be so rare that the agreement says little.
    assertThat(accepted).isBetween(EVENTS / 5, EVENTS * 4 / 5);
  }

  private static void checkOutside(TreeEventDecoder.Decoded row, DecodedEvent out, String text) {
    List<String> copied = Arrays.stream(out.copied).map(EventDecoderTwinTest::string).toList();
    assertThat(
            Arrays.asList(
                out.eventId(),
                out.eventTime,
                string(out.label),
                copied,
                out.cutBags,
                out.unknownFields))
        .as(text)
        .isEqualTo(
            Arrays.asList(
                row.eventId, row.eventTime, row.label, row.copied, row.cutBags, row.unknownFields));
  }

  private static String string(byte[] utf8) {
    return utf8 == null ? null : new String(utf8, UTF_8);
  }

  private static void checkColumns(FeatureBatch batch, List<TreeEventDecoder.Decoded> rows) {
    assertThat(batch.rows()).isEqualTo(rows.size());
    for (int r = 0; r < rows.size(); r++) {
      int from = r * batch.numDense();
      assertThat(Arrays.copyOfRange(batch.dense(), from, from + batch.numDense()))
          .as(rows.get(r).text)
          .usingComparator(Arrays::compare) // tells 0.0 from -0.0
          .isEqualTo(rows.get(r).dense);
      assertThat(Events.bags(batch, r)).as(rows.get(r).text).isEqualTo(rows.get(r).bags);
      if (batch.isWeighted()) {
        assertThat(Events.weights(batch, r)).as(rows.get(r).text).isEqualTo(rows.get(r).weights);
      }
    }
  }

  /** Mostly valid values in a mostly valid layout; then, one time in five, broken bytes. */
  private static byte[] event(Random random, TimeFormat format, boolean weighted) {
    List<String> fields = new ArrayList<>();
    field(
        fields,
        random,
        "event_id",
        random.nextBoolean() ? "\"e\\n" + random.nextInt() + "\"" : "12");
    String time =
        switch (format) {
          case EPOCH_MS -> "" + (1_700_000_000_000L + random.nextInt());
          case EPOCH_S -> "1700000000." + random.nextInt(1 << 20);
          case ISO8601 -> "\"2024-05-06T07:08:09." + random.nextInt(1000) + "Z\"";
        };
    field(fields, random, "event_time", time);
    field(fields, random, "label", "" + random.nextInt(2));
    field(fields, random, "extra", odd(random));
    List<String> dense = new ArrayList<>();
    for (String name : List.of("a", "b", "d")) {
      field(dense, random, name, decimal(random));
    }
    field(fields, random, "dense", object(dense, random));
    field(fields, random, "x", object(List.of("\"y/z\":" + decimal(random)), random));
    List<String> sparse = new ArrayList<>();
    List<String> weights = new ArrayList<>();
    for (String name : EventScenario.ALL) {
      int n = random.nextInt(4);
      List<String> elements = new ArrayList<>();
      List<String> ones = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        elements.add(oddly(random, element(name, random)));
        ones.add(oddly(random, decimal(random)));
      }
      boolean scalar = n == 1 && random.nextBoolean();
      field(sparse, random, name, scalar ? elements.get(0) : array(elements));
      if (random.nextInt(3) > 0) {
        field(weights, random, name, scalar ? ones.get(0) : array(ones));
      }
    }
    if (weighted) {
      field(fields, random, "weights", object(weights, random));
    }
    field(fields, random, "sparse", object(sparse, random));
    byte[] bytes = Events.utf8(object(fields, random));
    return random.nextInt(5) == 0 ? broken(bytes, random) : bytes;
  }

  private static String element(String feature, Random random) {
    return switch (feature) {
      case "id" -> "" + random.nextInt(100);
      case "mod", "drop" -> "" + (random.nextInt(300) - 100);
      case "hash" ->
          random.nextBoolean() ? "" + random.nextLong() : "\"käse" + random.nextInt() + "\"";
      case "hex" -> "\"" + Long.toHexString(random.nextLong()) + "\"";
      case "words" -> List.of("\"red\"", "\"blue\"", "\"gr\\u00fcn\"").get(random.nextInt(3));
      default -> decimal(random);
    };
  }

  private static String decimal(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "" + random.nextInt(1000);
      case 1 -> "" + random.nextGaussian() * 100;
      case 2 -> random.nextInt(100) + "." + random.nextInt(100);
      default -> random.nextLong() + "e" + (random.nextInt(60) - 40);
    };
  }

  private static void field(List<String> fields, Random random, String name, String value) {
    String text = "\"" + name + "\":" + oddly(random, value);
    int fate = random.nextInt(500);
    if (fate < 8) {
      return; // left out
    }
    fields.add(fate == 8 ? text.replaceFirst("\"", "\"\\\\u0061") : text);
    if (fate == 9) {
      fields.add(text);
    }
  }

  private static String oddly(Random random, String value) {
    return random.nextInt(150) == 0 ? odd(random) : value;
  }

  private static String odd(Random random) {
    return ODD[random.nextInt(ODD.length)];
  }

  private static String object(List<String> fields, Random random) {
    String space = random.nextInt(4) == 0 ? " \n" : "";
    return "{" + space + String.join(space + "," + space, fields) + space + "}";
  }

  private static String array(List<String> elements) {
    return "[" + String.join(",", elements) + "]";
  }

  private static byte[] broken(byte[] bytes, Random random) {
    int at = random.nextInt(bytes.length);
    byte odd = ODD_BYTES[random.nextInt(ODD_BYTES.length)];
    byte[] before = Arrays.copyOf(bytes, at);
    byte[] after = Arrays.copyOfRange(bytes, at + 1, bytes.length);
    return switch (random.nextInt(4)) {
      case 0 -> before;
      case 1 -> concat(before, after);
      case 2 -> concat(before, new byte[] {odd}, after);
      default -> concat(before, new byte[] {odd, bytes[at]}, after);
    };
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
