package io.github.flinkdeepfm.model.features;

import static io.github.flinkdeepfm.model.features.DeadLetterReason.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is optional in encodings, a row a rule: accept, default, signedness and width. Each is tried
 * by the scanner, by the parser and as a row of Java values; {@link AvroTwinTest} and {@link
 * ProtobufTwinTest} hold the other formats against these.
 */
class EncodingOptionsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ROWS = 1000;
  private static final String ACCEPT = ",\"accept\":[\"string\",\"float\"]";
  private static final String MODULO = "\"id\",\"on_out_of_range\":\"modulo\"";

  @TempDir Path dir;

  private FeaturesConfig features(ModelConfig model, String encoding) {
    return Events.features(
        dir, model, "{\"sparse\":[{\"name\":\"s\",\"encoding\":" + encoding + "}]}");
  }

  /** One way from an event to its row. */
  private interface Way {
    void write(String value, FeatureBatch batch) throws RejectedEventException;
  }

  private List<Way> ways(String encoding, boolean weighted) {
    ModelConfig model = Events.model(0, weighted, ROWS, "s");
    FeaturesConfig features = features(model, encoding);
    JsonEventDecoder json = new JsonEventDecoder(EventMapping.DEFAULT, features, model);
    RowBuilder rows = new RowBuilder(features, model, 100);
    DecodedEvent out = new DecodedEvent();
    return List.of(
        (value, batch) -> json.decode(event(value), batch, out),
        (value, batch) -> json.decodeByParser(event(value), batch, out),
        (value, batch) -> rows.write(value, EncodingOptionsTest::write, batch));
  }

  /**
   * @param value the feature's, with its weights behind a semicolon if there are any
   */
  private static byte[] event(String value) {
    String[] parts = value.split(";", 2);
    String weights = parts.length == 1 ? "" : ",\"weights\":{\"s\":" + parts[1] + "}";
    return Events.utf8("{\"sparse\":{\"s\":" + parts[0] + "}" + weights + "}");
  }

  private static void write(String value, RowWriter row) {
    try {
      String[] parts = value.split(";", 2);
      JsonNode node = JSON.readTree(parts[0]);
      for (JsonNode element : node.isArray() ? node : List.of(node)) {
        if (element.isTextual()) {
          row.sparse("s", element.textValue());
        } else if (element.isIntegralNumber()) {
          row.sparse("s", element.longValue());
        } else if (element.isNumber()) {
          row.sparse("s", element.doubleValue());
        }
      }
      if (parts.length > 1) {
        row.weights("s", JSON.readValue(parts[1], float[].class));
      }
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private List<Long> ids(String encoding, String value) throws RejectedEventException {
    List<Long> ids = null;
    for (Way way : ways(encoding, false)) {
      FeatureBatch batch = Events.batch("s");
      way.write(value, batch);
      List<Long> got = Events.bags(batch, 0).get(0);
      assertThat(ids == null || ids.equals(got)).as("%s or %s", ids, got).isTrue();
      ids = got;
    }
    return ids;
  }

  static Stream<Arguments> taken() {
    return Stream.of(
            arguments(
                "\"id\"" + ACCEPT,
                "[\"17\",17.0,1.7e1,170e-1,\"0\",-0.0,\"-0\"]",
                17,
                17,
                17,
                17,
                0,
                0,
                0),
            arguments(MODULO + ACCEPT, "\"1524831183200260097\"", 97),
            arguments(
                MODULO + ACCEPT, "[\"9223372036854775807\",\"9223372036854775808\"]", 807, 808),
            arguments(MODULO + ACCEPT, "[\"18446744073709551616\",\"-1\"]", 616, 999),
            arguments(MODULO + ACCEPT, "\"-123456789012345678901234567890\"", 110),
            arguments(
                MODULO + ACCEPT,
                "[9007199254740992.0,-9007199254740992.0,9.007199254740991e15]",
                992,
                8,
                991),
            // Of Python's mmh3: hash("foo") = -156908512; signed floor modulus, absolute value.
            arguments("\"hash\"", "\"foo\"", 784),
            arguments("\"hash\",\"signedness\":\"unsigned\"", "\"foo\"", 784),
            arguments("\"hash\",\"signedness\":\"signed\"", "\"foo\"", 488),
            arguments("\"hash\",\"signedness\":\"abs\"", "\"foo\"", 512),
            arguments(
                "\"hash\",\"signedness\":\"signed\",\"buckets\":900,\"offset\":100",
                "\"foo\"",
                288),
            // hash("hello") = 613153351, hash("") = 0
            arguments("\"hash\",\"signedness\":\"signed\"", "[\"hello\",\"\"]", 351, 0),
            arguments("\"hash\",\"signedness\":\"abs\"", "[\"hello\",\"\"]", 351, 0),
            arguments("\"hex\"", "\"80e26c9b\"", 587),
            arguments("\"hex\",\"width\":64", "\"80e26c9b\"", 587),
            arguments("\"hex\",\"width\":32", "[\"80e26c9b\",\"7fffffff\",\"0\"]", 291, 647, 0),
            arguments(
                "\"hex\",\"width\":32",
                "[\"ffffffff\",\"80000000\",\"1180e26c9b\"]",
                999,
                352,
                291),
            arguments("\"hex\",\"default\":\"0\"", "null", 0),
            arguments("\"hex\",\"default\":\"0\"", "[]", 0),
            arguments("\"hex\",\"default\":\"0\"", "\"\"", 0),
            arguments("\"hex\",\"default\":\"0\"", "[ \"\" ]", 0),
            arguments("\"hex\",\"default\":\"0\"", "\"ff\"", 255),
            arguments("\"hex\",\"default\":[\"a\",\"b\"]", "null", 10, 11),
            arguments("\"hex\",\"default\":[]", "\"\""),
            arguments("\"id\",\"default\":7", "\"\"", 7),
            arguments("\"id\",\"on_out_of_range\":\"drop\",\"default\":7", "[1000]"),
            arguments("\"bucketize\",\"boundaries\":[0,1],\"default\":0.5", "null", 1),
            arguments(
                "\"vocabulary\",\"vocabulary\":[\"a\",\"\"],\"default\":\"a\"",
                "[\"\",\"\"]",
                2,
                2),
            arguments("\"vocabulary\",\"vocabulary\":[\"a\",\"\"],\"default\":\"a\"", "\"\"", 1),
            arguments("\"vocabulary\",\"vocabulary\":[\"a\",\"\"]", "\"\"", 2))
        .map(EncodingOptionsTest::withIds);
  }

  private static Arguments withIds(Arguments row) {
    Object[] all = row.get();
    List<Long> ids = Stream.of(all).skip(2).map(id -> (long) (Integer) id).toList();
    return arguments(all[0], all[1], ids);
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @MethodSource("taken")
  void givesTheIds(String encoding, String value, List<Long> expected) throws Exception {
    assertThat(ids(encoding, value)).isEqualTo(expected);
  }

  @Test
  void anAbsentFeatureHasItsDefault() throws Exception {
    ModelConfig model = Events.model(0, false, ROWS, "s");
    JsonEventDecoder json =
        new JsonEventDecoder(
            EventMapping.DEFAULT, features(model, "\"hash\",\"default\":\"foo\""), model);
    FeatureBatch batch = json.newBatch();
    for (String event : List.of("{}", "{\"sparse\":null}", "{\"sparse\":{\"s\":\"foo\"}}")) {
      json.decode(Events.utf8(event), batch, new DecodedEvent());
    }
    assertThat(Events.bags(batch, 0)).isEqualTo(List.of(List.of(784L)));
    assertThat(Events.bags(batch, 1)).isEqualTo(Events.bags(batch, 0));
    assertThat(Events.bags(batch, 2)).isEqualTo(Events.bags(batch, 0));
    assertThat(json.scanned()).isEqualTo(3);
  }

  @Test
  void anAcceptedFormHasTheHashOfTheIntegersText() throws Exception {
    for (String n : List.of("17", "-17", "9007199254740992", "0")) {
      List<Long> expected = ids("\"hash\",\"seed\":5", "\"" + n + "\"");
      String forms = "[%s,%s.0,%se0,\"%s\"]".formatted(n, n, n, n);
      assertThat(ids("\"hash\",\"seed\":5" + ACCEPT, forms))
          .hasSize(4)
          .allSatisfy(id -> assertThat(id).isEqualTo(expected.get(0)));
    }
    assertThat(ids("\"hash\"" + ACCEPT, "\"-0\"")).isEqualTo(ids("\"hash\"", "0"));
    assertThat(ids("\"hash\"", "\"-0\"")).isNotEqualTo(ids("\"hash\"", "0"));
    assertThat(ids("\"hash\"" + ACCEPT, "\"007\"")).isEqualTo(ids("\"hash\"", "\"007\""));
  }

  @Test
  void theIdsOfADefaultWeighOneAndOtherWeightsWithoutIdsAreRagged() throws Exception {
    for (Way way : ways("\"id\",\"default\":[7,8]", true)) {
      for (String value : List.of("null", "[];[]", "\"\"")) {
        FeatureBatch batch = Events.weightedBatch("s");
        way.write(value, batch);
        assertThat(Events.bags(batch, 0)).as(value).isEqualTo(List.of(List.of(7L, 8L)));
        assertThat(Events.weights(batch, 0)).as(value).isEqualTo(List.of(List.of(1f, 1f)));
      }
      FeatureBatch batch = Events.weightedBatch("s");
      RejectedEventException e =
          catchThrowableOfType(
              RejectedEventException.class, () -> way.write("[];[0.5,0.5]", batch));
      assertThat(e.reason()).isEqualTo(RAGGED_WEIGHTS);
    }
  }

  static Stream<Arguments> refused() {
    String strings = "; \"accept\": [\"string\"] would take it";
    String floats = "; \"accept\": [\"float\"] would take it";
    String large = "from 2^53 on a float does not tell integers apart";
    return Stream.of(
        arguments(
            "\"id\"",
            "\"15\"",
            WRONG_TYPE,
            "expected an integer id, got \"15\" (/sparse/s)" + strings),
        arguments("\"id\"", "\"1524831183200260097\"", WRONG_TYPE, strings),
        arguments(
            "\"id\"", "17.0", WRONG_TYPE, "expected an integer id, got 17.0 (/sparse/s)" + floats),
        arguments("\"hash\"", "17.0", WRONG_TYPE, floats),
        arguments("\"id\",\"accept\":[\"float\"]", "\"15\"", WRONG_TYPE, strings),
        arguments("\"id\",\"accept\":[\"string\"]", "17.0", WRONG_TYPE, floats),
        arguments("\"id\"", "\"x\"", WRONG_TYPE, "got \"x\" (/sparse/s)"),
        arguments("\"id\"", "17.5", WRONG_TYPE, "got 17.5 (/sparse/s)"),
        arguments(
            "\"id\"" + ACCEPT, "17.5", WRONG_TYPE, "an integral float of at most 2^53, got 17.5"),
        arguments(
            "\"hash\"" + ACCEPT, "17.5", WRONG_TYPE, "an integral float of at most 2^53, got 17.5"),
        arguments("\"id\"" + ACCEPT, "9007199254740994.0", WRONG_TYPE, large),
        arguments("\"hash\"" + ACCEPT, "9007199254740994.0", WRONG_TYPE, large),
        arguments("\"hash\"" + ACCEPT, "1e300", WRONG_TYPE, large),
        arguments("\"id\"" + ACCEPT, "1000.0", ID_OUT_OF_RANGE, "an id from 0 to 999, got 1000.0"),
        arguments(
            "\"id\"" + ACCEPT, "\"1000\"", ID_OUT_OF_RANGE, "an id from 0 to 999, got \"1000\""),
        arguments(
            "\"id\"" + ACCEPT, "\"99999999999999999999\"", ID_OUT_OF_RANGE, "got \"9999999999"),
        arguments("\"id\"" + ACCEPT, "\"\"", WRONG_TYPE, "a string of its digits"),
        arguments("\"id\"" + ACCEPT, "\" 17\"", WRONG_TYPE, "got \" 17\""),
        arguments("\"id\"" + ACCEPT, "\"+17\"", WRONG_TYPE, "got \"+17\""),
        arguments("\"id\"" + ACCEPT, "\"017\"", WRONG_TYPE, "got \"017\""),
        arguments("\"id\"" + ACCEPT, "\"17.0\"", WRONG_TYPE, "got \"17.0\""),
        arguments("\"id\"" + ACCEPT, "\"-\"", WRONG_TYPE, "got \"-\""),
        arguments("\"id\"" + ACCEPT, "\"１７\"", WRONG_TYPE, "got \"１７\""),
        arguments("\"hex\"", "\"\"", BAD_HEX, "got \"\""),
        arguments("\"hex\",\"default\":\"0\"", "[\"\",\"ff\"]", BAD_HEX, "got \"\""),
        arguments("\"hex\",\"default\":\"0\"", "[\"ff\",\"\"]", BAD_HEX, "got \"\""),
        arguments("\"hex\",\"default\":\"0\"", "\"x\"", BAD_HEX, "got \"x\""));
  }

  @ParameterizedTest(name = "{0}: {1} is {2}")
  @MethodSource("refused")
  void saysWhyNot(String encoding, String value, DeadLetterReason reason, String detail) {
    for (Way way : ways(encoding, false)) {
      RejectedEventException e =
          catchThrowableOfType(
              RejectedEventException.class, () -> way.write(value, Events.batch("s")));
      assertThat(e.reason()).as(e.detail()).isEqualTo(reason);
      assertThat(e.detail().replaceAll("got (\\d)\\.(\\d+)E15", "got $1$2.0")).contains(detail);
    }
  }

  @Test
  void aFloatIsJudgedByAllItsDigits() {
    // As a double each of these is an integer of at most 2^53.
    ModelConfig model = Events.model(0, false, ROWS, "s");
    JsonEventDecoder json =
        new JsonEventDecoder(EventMapping.DEFAULT, features(model, MODULO + ACCEPT), model);
    for (String number :
        List.of("9007199254740993.0", "1.00000000000000000001", "1e-400", "0.99999999999999999")) {
      RejectedEventException e =
          catchThrowableOfType(
              RejectedEventException.class,
              () -> json.decode(event(number), json.newBatch(), new DecodedEvent()));
      assertThat(e.reason()).as(number).isEqualTo(WRONG_TYPE);
    }
  }
}
