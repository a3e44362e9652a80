package io.github.flinkdeepfm.model.features;

import static io.github.flinkdeepfm.model.features.DeadLetterReason.*;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoder's rules, one row a rule. */
class EventRulesTest {
  private static final String FEATURES =
      """
      {"dense":[{"name":"d","default":2.0,"transforms":["log1p"]},{"name":"e"}],
       "sparse":[{"name":"bucket","encoding":"bucketize","boundaries":[0,1.5]},
                 {"name":"id","encoding":"id","max_length":3},
                 {"name":"mod","encoding":"id","on_out_of_range":"modulo"},
                 {"name":"drop","encoding":"id","on_out_of_range":"drop"},
                 {"name":"hash","encoding":"hash"},
                 {"name":"hex","encoding":"hex"},
                 {"name":"word","encoding":"vocabulary","vocabulary":["a","b"]}]}
      """;
  private static final List<String> KEYS =
      List.of("bucket", "id", "mod", "drop", "hash", "hex", "word");

  @TempDir Path dir;
  private ModelConfig model;
  private FeaturesConfig features;
  private JsonEventDecoder decoder;
  private FeatureBatch batch;
  private final DecodedEvent out = new DecodedEvent();

  @BeforeEach
  void setUp() {
    model = Events.model(2, true, 10, KEYS.toArray(new String[0]));
    features = Events.features(dir, model, FEATURES);
    use(TimeFormat.EPOCH_MS, "/copied");
  }

  private void use(TimeFormat format, String... copy) {
    decoder =
        new JsonEventDecoder(
            new EventMapping("/event_id", "/event_time", format, "/label", List.of(copy), 5000, 8),
            features,
            model);
    batch = decoder.newBatch();
  }

  private static String sparse(String field) {
    return "{\"dense\":{\"e\":1},\"sparse\":{" + field + "}}";
  }

  private static String with(String field) {
    return "{\"dense\":{\"e\":1}," + field + "}";
  }

  static Stream<Arguments> rejected() {
    String deep = "[".repeat(64) + "]".repeat(64);
    return Stream.of(
        arguments(EMPTY, ""),
        arguments(EMPTY, " \t\r\n"),
        arguments(TOO_LARGE, with("\"x\":\"" + "x".repeat(5000) + "\"")),
        arguments(TOO_LARGE, " ".repeat(5001)),
        arguments(NOT_JSON, "{"),
        arguments(NOT_JSON, "{\"dense\":{\"e\":1}"),
        arguments(NOT_JSON, "hello"),
        arguments(NOT_JSON, with("\"x\":NaN")),
        arguments(NOT_JSON, with("\"x\":-Infinity")),
        arguments(NOT_JSON, "{\"dense\":{\"e\":NaN}}"),
        arguments(NOT_JSON, with("\"x\":\"\0\"")),
        arguments(NOT_JSON, with("\"x\":1") + "\0"),
        arguments(NOT_JSON, with("\"x\":1") + "{}"),
        arguments(NOT_JSON, with("\"x\":1") + "]"),
        arguments(NOT_JSON, with("\"x\":1,")),
        arguments(NOT_JSON, with("\"x\":\"\\q\"")),
        arguments(NOT_JSON, with("\"x\":\"\n\"")),
        arguments(NOT_JSON, with("\"x\":01")),
        arguments(NOT_JSON, with("\"x\":" + deep)),
        arguments(NOT_JSON, with("\"x\":" + "1".repeat(1001))),
        arguments(NOT_JSON, "\uFEFF" + with("\"x\":1")),
        arguments(NOT_JSON, "/**/" + with("\"x\":1")),
        arguments(NOT_JSON, "[1"),
        arguments(NOT_JSON, "1 2"),
        arguments(NOT_JSON, sparse("\"hash\":\"\\ud800\"")),
        arguments(NOT_JSON, sparse("\"hex\":\"\\udc00\"")),
        arguments(NOT_JSON, sparse("\"word\":\"\\ud800x\"")),
        arguments(NOT_JSON, with("\"event_id\":\"\\ud800\"")),
        arguments(WRONG_TYPE, "[1]"),
        arguments(WRONG_TYPE, "\"x\""),
        arguments(WRONG_TYPE, " null "),
        arguments(WRONG_TYPE, "12"),
        arguments(DUPLICATE_FIELD, "{\"dense\":{\"e\":1,\"e\":1}}"),
        arguments(DUPLICATE_FIELD, "{\"dense\":{\"e\":1,\"\\u0065\":1}}"),
        arguments(DUPLICATE_FIELD, "{\"dense\":{\"e\":1},\"dense\":{\"d\":1}}"),
        arguments(DUPLICATE_FIELD, "{\"dense\":null,\"dense\":{\"e\":1}}"),
        arguments(DUPLICATE_FIELD, with("\"label\":1,\"label\":1")),
        arguments(WRONG_TYPE, "{\"dense\":[1]}"),
        arguments(WRONG_TYPE, with("\"sparse\":3")),
        arguments(WRONG_TYPE, with("\"weights\":\"x\"")),
        arguments(WRONG_TYPE, "{\"dense\":{\"e\":\"1\"}}"),
        arguments(WRONG_TYPE, "{\"dense\":{\"e\":true}}"),
        arguments(WRONG_TYPE, "{\"dense\":{\"e\":[1]}}"),
        arguments(MISSING_DENSE, "{\"dense\":{}}"),
        arguments(MISSING_DENSE, "{\"dense\":{\"e\":null}}"),
        arguments(MISSING_DENSE, "{\"dense\":null}"),
        arguments(MISSING_DENSE, "{}"),
        arguments(NOT_FINITE, "{\"dense\":{\"e\":1e39}}"),
        arguments(NOT_FINITE, "{\"dense\":{\"e\":-1e999}}"),
        arguments(WRONG_TYPE, sparse("\"id\":17.0")),
        arguments(WRONG_TYPE, sparse("\"id\":1e0")),
        arguments(WRONG_TYPE, sparse("\"id\":\"1\"")),
        arguments(WRONG_TYPE, sparse("\"id\":true")),
        arguments(WRONG_TYPE, sparse("\"id\":[null]")),
        arguments(WRONG_TYPE, sparse("\"id\":[[1]]")),
        arguments(WRONG_TYPE, sparse("\"id\":{}")),
        arguments(ID_OUT_OF_RANGE, sparse("\"id\":[-1]")),
        arguments(ID_OUT_OF_RANGE, sparse("\"id\":[10]")),
        arguments(ID_OUT_OF_RANGE, sparse("\"id\":[9223372036854775808]")),
        arguments(WRONG_TYPE, sparse("\"hash\":1.5")),
        arguments(WRONG_TYPE, sparse("\"hash\":[false]")),
        arguments(WRONG_TYPE, sparse("\"hex\":17")),
        arguments(BAD_HEX, sparse("\"hex\":\"\"")),
        arguments(BAD_HEX, sparse("\"hex\":\"0x1\"")),
        arguments(BAD_HEX, sparse("\"hex\":\"" + "0".repeat(17) + "\"")),
        arguments(BAD_HEX, sparse("\"hex\":\"\uFF11\"")),
        arguments(WRONG_TYPE, sparse("\"word\":1")),
        arguments(WRONG_TYPE, sparse("\"bucket\":\"1\"")),
        arguments(RAGGED_WEIGHTS, with("\"sparse\":{\"id\":[1,2]},\"weights\":{\"id\":[1]}")),
        arguments(RAGGED_WEIGHTS, with("\"weights\":{\"id\":[1]}")),
        arguments(RAGGED_WEIGHTS, with("\"weights\":{\"id\":[]},\"sparse\":{\"id\":1}")),
        arguments(
            RAGGED_WEIGHTS, with("\"sparse\":{\"id\":[1,2,3,4]},\"weights\":{\"id\":[1,1,1]}")),
        arguments(WRONG_TYPE, with("\"sparse\":{\"id\":[1]},\"weights\":{\"id\":[null]}")),
        arguments(WRONG_TYPE, with("\"sparse\":{\"id\":[1]},\"weights\":{\"id\":{}}")),
        arguments(NOT_FINITE, with("\"sparse\":{\"id\":[1]},\"weights\":{\"id\":[1e39]}")),
        arguments(TOO_MANY_IDS, sparse("\"mod\":[1,2,3,4,5],\"drop\":[77,77,77,77]")),
        arguments(WRONG_TYPE, with("\"event_id\":1.0")),
        arguments(WRONG_TYPE, with("\"event_id\":{}")),
        arguments(EVENT_ID_TOO_LONG, with("\"event_id\":\"" + "x".repeat(1025) + "\"")),
        arguments(EVENT_ID_TOO_LONG, with("\"event_id\":\"" + "é".repeat(513) + "\"")),
        arguments(WRONG_TYPE, with("\"event_time\":\"1700000000000\"")),
        arguments(WRONG_TYPE, with("\"event_time\":1e12")),
        arguments(BAD_EVENT_TIME, with("\"event_time\":-1")),
        arguments(BAD_EVENT_TIME, with("\"event_time\":253402300800000")),
        arguments(BAD_EVENT_TIME, with("\"event_time\":99999999999999999999")),
        // Several faults: the first in the document, then what only the end shows.
        arguments(BAD_HEX, "{\"sparse\":{\"hex\":\"g\",\"id\":true}}"),
        arguments(WRONG_TYPE, "{\"sparse\":{\"id\":true,\"hex\":\"g\"}}"),
        arguments(WRONG_TYPE, "{\"sparse\":{\"id\":true"),
        arguments(MISSING_DENSE, "{\"weights\":{\"id\":[1]}}"));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rejected")
  void rejectsWithItsReason(DeadLetterReason reason, String event) throws Exception {
    decoder.decode(Events.utf8(sparse("\"id\":[7]")), batch, out);

    RejectedEventException rejected =
        catchThrowableOfType(
            RejectedEventException.class, () -> decoder.decode(Events.utf8(event), batch, out));

    assertThat(rejected.reason()).as(rejected.detail()).isEqualTo(reason);
    assertThat(rejected.detail()).startsWith("expected ").contains("got ").doesNotContain("\n");
    assertThat(rejected.detail()).hasSizeLessThan(300);
    assertThat(batch.rows()).isEqualTo(1);
    decoder.decode(Events.utf8(sparse("\"id\":[5]")), batch, out);
    assertThat(Events.bags(batch, 1).get(KEYS.indexOf("id"))).containsExactly(5L);
  }

  @Test
  void rejectsATombstone() {
    RejectedEventException rejected =
        catchThrowableOfType(RejectedEventException.class, () -> decoder.decode(null, batch, out));
    assertThat(rejected.reason()).isEqualTo(TOMBSTONE);
  }

  static Stream<Arguments> knownForSomethingElse() {
    String event = with("\"x\":1");
    byte[] plain = Events.utf8(event);
    return Stream.of(
        arguments("starts with a UTF-8 byte order mark", Events.utf8("\uFEFF" + event)),
        arguments(
            "starts with a UTF-16 byte order mark",
            concat(bytes(0xFF, 0xFE), event.getBytes(UTF_16LE))),
        arguments("starts with a UTF-16 byte order mark", event.getBytes(UTF_16)),
        arguments("looks like gzip: set compression.type on the producer", gzip(plain)),
        arguments("looks like zstd: set compression", bytes(0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x00)),
        arguments("looks like lz4: set compression", bytes(0x04, 0x22, 0x4D, 0x18, 0x60, 0x40)),
        arguments("looks like snappy: set", bytes(0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 1)),
        arguments(
            "looks like Confluent's frame (a zero byte, schema id 2) before JSON: set"
                + " event.registry.framing: confluent",
            concat(bytes(0, 0, 0, 0, 2), plain)),
        arguments(
            "schema id 258) before JSON: set event.registry.framing: apicurio_v2",
            concat(bytes(0, 0, 0, 0, 0, 0, 0, 1, 2), plain)),
        arguments("got byte 0x00 that is not UTF-8 text (byte 0)", bytes(0, 0, 0, 0, 2, 1, 2)),
        arguments(
            "got NaN (byte 14): JSON has no NaN and no Infinity; Python's json.dumps writes them"
                + " unless allow_nan=False; send null",
            Events.utf8("{\"dense\":{\"e\":NaN}}")),
        arguments("got Infinity (byte 26)", Events.utf8(with("\"x\": [1, Infinity]"))),
        arguments("got -Infinity (byte 23)", Events.utf8("  " + with("\"x\":-Infinity"))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("knownForSomethingElse")
  void namesWhatProducersWriteInsteadOfJson(String detail, byte[] event) throws Exception {
    decoder.decode(Events.utf8(sparse("\"id\":[7]")), batch, out);

    RejectedEventException rejected =
        catchThrowableOfType(RejectedEventException.class, () -> decoder.decode(event, batch, out));

    assertThat(rejected.reason()).isEqualTo(NOT_JSON);
    assertThat(rejected.detail())
        .startsWith("expected one JSON object in UTF-8, got ")
        .contains(detail)
        .hasSizeLessThan(300);
    decoder.decode(Events.utf8(sparse("\"id\":[7]")), batch, out);
    assertThat(Events.bags(batch, 1)).isEqualTo(Events.bags(batch, 0));
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static Stream<byte[]> notUtf8() {
    return Stream.of(
            "\u0080",
            "\u00C0\u0080",
            "\u00ED\u00A0\u0080",
            "\u00F4\u0090\u0080\u0080",
            "\u00C3",
            "\u00E0\u0080\u0080",
            "\u00F0\u0080\u0080\u0080",
            "\u00FF",
            "\u00E2\u0082")
        .flatMap(bad -> Stream.of(bad, "12345" + bad + "678901234"))
        .map(bad -> with("\"skipped\":\"" + bad + "\"").getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @MethodSource("notUtf8")
  void rejectsBrokenUtf8AlsoInFieldsThatAreSkipped(byte[] event) {
    RejectedEventException rejected =
        catchThrowableOfType(RejectedEventException.class, () -> decoder.decode(event, batch, out));
    assertThat(rejected.reason()).isEqualTo(NOT_JSON);
    assertThat(rejected.detail()).contains("not UTF-8");
  }

  static Stream<Arguments> bags() {
    return Stream.of(
        arguments("id", "7", List.of(7L)),
        arguments("id", "[]", List.of()),
        arguments("id", "null", List.of()),
        arguments("id", "[0,-0,9]", List.of(0L, 0L, 9L)),
        arguments("id", "[1,2,3,true,{\"a\":[]},-5]", List.of(1L, 2L, 3L)),
        arguments(
            "mod", "[10,-1,9223372036854775808,-9223372036854775809]", List.of(0L, 9L, 8L, 1L)),
        arguments("drop", "[10,3,-1,123456789012345678901]", List.of(3L)),
        // Of a public implementation: murmur3("hello", 0) = 613153351, ("", 0) = 0.
        arguments("hash", "[\"hello\",\"h\\u0065llo\",\"\"]", List.of(1L, 1L, 0L)),
        arguments("hex", "[\"fF\",\"ffffffffffffffff\",\"0\"]", List.of(5L, 5L, 0L)),
        arguments("word", "[\"b\",\"a\",\"A\",\"\\u0061\"]", List.of(2L, 1L, 0L, 1L)),
        arguments("bucket", "[-0.1,0,1.4,1.5,1e999,-1e999]", List.of(0L, 1L, 1L, 2L, 2L, 0L)));
  }

  @ParameterizedTest(name = "{0} of {1} is {2}")
  @MethodSource("bags")
  void encodesABag(String feature, String json, List<Long> ids) throws Exception {
    decoder.decode(Events.utf8(sparse("\"" + feature + "\":" + json)), batch, out);

    assertThat(Events.bags(batch, 0).get(KEYS.indexOf(feature))).isEqualTo(ids);
    assertThat(out.cutBags).isEqualTo(json.contains("true") ? 1 : 0);
  }

  @Test
  void hashesAnIntegerAsItsDecimalText() throws Exception {
    decoder.decode(
        Events.utf8(
            sparse("\"hash\":[0,-0,\"0\",123456789012345678901,\"123456789012345678901\"]")),
        batch,
        out);
    List<Long> ids = Events.bags(batch, 0).get(KEYS.indexOf("hash"));
    assertThat(ids.get(1)).isEqualTo(ids.get(0)).isEqualTo(ids.get(2));
    assertThat(ids.get(3)).isEqualTo(ids.get(4));
  }

  @Test
  void maxLengthCutsBeforeDropRemoves() throws Exception {
    ModelConfig one = Events.model(0, true, 10, "C1");
    String drop = "\"encoding\":\"id\",\"on_out_of_range\":\"drop\",\"max_length\":3";
    String json = "{\"dense\":[],\"sparse\":[{\"name\":\"C1\",%s}]}".formatted(drop);
    FeaturesConfig cut = Events.features(dir, one, json);
    JsonEventDecoder cutting = new JsonEventDecoder(EventMapping.DEFAULT, cut, one);
    FeatureBatch bag = cutting.newBatch();
    String event = "{\"sparse\":{\"C1\":[12,4,99,5,6]},\"weights\":{\"C1\":[1,2,3,4,5]}}";

    cutting.decode(Events.utf8(event), bag, out);

    assertThat(Events.bags(bag, 0)).containsExactly(List.of(4L));
    assertThat(Events.weights(bag, 0)).containsExactly(List.of(2f));
    assertThat(out.cutBags).isEqualTo(1);
  }

  @Test
  void aDroppedIdTakesItsWeightAlongAndWeightsMayComeFirst() throws Exception {
    decoder.decode(
        Events.utf8(
            with(
                "\"weights\":{\"drop\":[0.25,0.5,2],\"hex\":4,\"id\":[1,2,3,\"cut\"]},"
                    + "\"sparse\":{\"drop\":[1,10,2],\"hex\":\"a\",\"id\":[1,2,3,null],\"mod\":[1]}")),
        batch,
        out);
    List<List<Float>> weights = Events.weights(batch, 0);
    assertThat(weights.get(KEYS.indexOf("drop"))).containsExactly(0.25f, 2f);
    assertThat(weights.get(KEYS.indexOf("hex"))).containsExactly(4f);
    assertThat(weights.get(KEYS.indexOf("id"))).containsExactly(1f, 2f, 3f);
    assertThat(weights.get(KEYS.indexOf("mod"))).containsExactly(1f);
  }

  @Test
  void denseDefaultsGoThroughTheTransforms() throws Exception {
    decoder.decode(Events.utf8("{\"dense\":{\"e\":16777217}}"), batch, out);
    decoder.decode(Events.utf8("{\"dense\":{\"d\":-5,\"e\":1e-999}}"), batch, out);

    assertThat(batch.dense()).startsWith((float) StrictMath.log1p(2), 16777216f, 0f, 0f);
  }

  @Test
  void keepsWhatIsNoFeature() throws Exception {
    decoder.decode(
        Events.utf8(
            with(
                "\"event_id\":123456789012345678901234,\"event_time\":17,\"label\": 1.50 ,"
                    + "\"copied\": { \"a b\" : [ 1 , \"\\\" ]\" ] , \"u\":\"\\u00e9\\ud800\" } ,"
                    + "\"unknown\":[{\"dense\":1}],\"sparse\":{\"other\":1}")),
        batch,
        out);
    assertThat(out.eventId()).isEqualTo("123456789012345678901234");
    assertThat(out.eventTime).isEqualTo(17);
    assertThat(new String(out.label, UTF_8)).isEqualTo("1.50");
    assertThat(new String(out.copied[0], UTF_8))
        .isEqualTo("{\"a b\":[1,\"\\\" ]\"],\"u\":\"\\u00e9\\ud800\"}");
    assertThat(out.unknownFields).isEqualTo(2);

    decoder.decode(
        Events.utf8(with("\"event_id\":null,\"event_time\":null,\"label\":null,\"copied\":null")),
        batch,
        out);
    assertThat(out.eventId()).isNull();
    assertThat(out.eventTime).isEqualTo(DecodedEvent.NO_TIME);
    assertThat(out.label).isNull();
    assertThat(out.copied[0]).isNull();
    assertThat(out.unknownFields).isZero();
  }

  @Test
  void takesAsMuchNestingAndAsLongNumbersAsItSays() throws Exception {
    String deep = "[".repeat(63) + "]".repeat(63);
    decoder.decode(Events.utf8(with("\"x\":" + deep)), batch, out);
    decoder.decode(Events.utf8(with("\"event_id\":" + "1".repeat(1000))), batch, out);
    assertThat(out.eventId()).hasSize(1000);
    decoder.decode(Events.utf8(with("\"event_id\":\"" + "é".repeat(512) + "\"")), batch, out);
    assertThat(out.eventId()).hasSize(512);
  }

  static Stream<Arguments> times() {
    TimeFormat s = TimeFormat.EPOCH_S;
    TimeFormat iso = TimeFormat.ISO8601;
    return Stream.of(
        arguments(TimeFormat.EPOCH_MS, "253402300799999", 253402300799999L),
        arguments(s, "1700000000", 1700000000000L),
        arguments(s, "1700000000.1239", 1700000000123L),
        arguments(s, "1700000000.123", 1700000000123L),
        arguments(s, "1.7e9", 1700000000000L),
        arguments(s, "1e-999999999", 0L),
        arguments(s, "253402300799.9999", 253402300799999L),
        arguments(s, "253402300800", null),
        arguments(s, "1e999999999", null),
        arguments(s, "1e99999999999", null),
        arguments(s, "-0.0001", null),
        arguments(iso, "\"2023-11-14T22:13:20Z\"", 1700000000000L),
        arguments(iso, "\"2023-11-14T22:13:20\"", 1700000000000L),
        arguments(iso, "\"2023-11-14T22:13:20.1239\"", 1700000000123L),
        arguments(iso, "\"2023-11-15T00:13:20+02:00\"", 1700000000000L),
        arguments(iso, "\"2023-11-15T00:13:20+0200\"", 1700000000000L),
        arguments(iso, "\"2023-11-15T00:13:20+02\"", 1700000000000L),
        arguments(iso, "\"2023-11-14T22:13Z\"", 1699999980000L),
        arguments(iso, "\"2023-11-14\"", null),
        arguments(iso, "\"2023-02-29T00:00:00Z\"", null),
        arguments(iso, "\"2023-11-14T24:00:00Z\"", null),
        arguments(iso, "\"1969-12-31T23:59:59Z\"", null),
        arguments(iso, "\"+10000-01-01T00:00:00Z\"", null),
        arguments(iso, "\"1700000000\"", null),
        arguments(iso, "\"2023-11-14T22:13:20Z \"", null));
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @MethodSource("times")
  void readsTheEventTime(TimeFormat format, String json, Long millis) throws Exception {
    use(format);
    byte[] event = Events.utf8(with("\"event_time\":" + json));
    if (millis == null) {
      RejectedEventException rejected =
          catchThrowableOfType(
              RejectedEventException.class, () -> decoder.decode(event, batch, out));
      assertThat(rejected.reason()).isEqualTo(BAD_EVENT_TIME);
    } else {
      decoder.decode(event, batch, out);
      assertThat(out.eventTime).isEqualTo(millis);
    }
  }

  @Test
  void anUnweightedModelDoesNotLookAtWeights() throws Exception {
    ModelConfig unweighted = Events.model(0, false, 10, "id");
    JsonEventDecoder plain =
        new JsonEventDecoder(EventMapping.DEFAULT, FeaturesConfig.defaults(unweighted), unweighted);
    FeatureBatch columns = plain.newBatch();
    plain.decode(Events.utf8("{\"sparse\":{\"id\":[1,2]},\"weights\":7}"), columns, out);
    assertThat(Events.bags(columns, 0)).containsExactly(List.of(1L, 2L));
    assertThat(out.unknownFields).isEqualTo(1);
  }
}
