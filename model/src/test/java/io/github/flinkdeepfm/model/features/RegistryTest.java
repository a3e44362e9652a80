package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.RegistryException;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import io.github.flinkdeepfm.model.registry.RegistrySettings.Ids;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events framed as the registries' serializers frame them, and a registry's HTTP API, faked. */
@Timeout(60)
class RegistryTest {
  private static final ModelConfig MODEL = Events.model(1, false, 100, "C1");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OLD =
      """
      {"type":"record","name":"R","fields":[{"name":"dense","type":{"type":"record","name":"D",
        "fields":[{"name":"dense_0","type":"%s"}]}}]}
      """;

  private final Map<String, String> answers = new HashMap<>();
  private final List<String> asked = new ArrayList<>();
  private final List<String> queries = new ArrayList<>();
  private final List<String> authorizations = new ArrayList<>();
  private final AtomicLong pauseMillis = new AtomicLong();
  private int refusals;
  private int none = 404;
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          asked.add(path);
          queries.add(String.valueOf(exchange.getRequestURI().getQuery()));
          pause(pauseMillis.get());
          authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
          String answer = refusals-- > 0 ? "busy" : answers.get(path);
          byte[] body = answer == null ? new byte[0] : answer.getBytes(UTF_8);
          int status = refusals >= 0 ? 503 : answer == null ? none : 200;
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static EventDecoder decoder(RegistrySettings registry) {
    return new AvroEventDecoder(
        EventMapping.DEFAULT,
        new EventFormat.Avro(null, registry),
        FeaturesConfig.defaults(MODEL),
        MODEL);
  }

  private static byte[] avro(String schema, Object dense) {
    Schema parsed = new Schema.Parser().parse(schema);
    GenericData.Record event = new GenericData.Record(parsed);
    GenericData.Record inner = new GenericData.Record(parsed.getField("dense").schema());
    inner.put(0, dense);
    event.put(0, inner);
    return AvroEvents.write(parsed, event, false);
  }

  private static byte[] framed(int idBytes, long id, byte[] body) {
    ByteBuffer bytes = ByteBuffer.allocate(1 + idBytes + body.length).put((byte) 0);
    return (idBytes == 4 ? bytes.putInt((int) id) : bytes.putLong(id)).put(body).array();
  }

  private static String confluent(String schema, String references) throws IOException {
    return "{\"schema\":%s,\"references\":[%s]}"
        .formatted(JSON.writeValueAsString(schema), references);
  }

  @Test
  void readsEachEventByTheSchemaItWasWrittenWithAndAsksForEachOnce() throws Exception {
    answers.put("/schemas/ids/7", confluent(OLD.formatted("int"), ""));
    answers.put("/schemas/ids/4000000000", confluent(OLD.formatted("double"), ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    byte[] first = framed(4, 7, avro(OLD.formatted("int"), 3));
    byte[] second = framed(4, 4_000_000_000L, avro(OLD.formatted("double"), 3.0));
    for (int i = 0; i < 10; i++) {
      assertThat(Twin.of(decoder, first).dense()).containsExactly(3f);
      assertThat(Twin.of(decoder, second).dense()).containsExactly(3f);
    }
    EventDecoder next = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(next, first).dense()).as("of the next model version").containsExactly(3f);
    assertThat(asked).containsExactly("/schemas/ids/7", "/schemas/ids/4000000000");
  }

  @Test
  void fetchesTheSchemasThatASchemaRefersTo() throws Exception {
    String inner =
        "{\"type\":\"record\",\"name\":\"a.D\",\"fields\":[{\"name\":\"dense_0\",\"type\":\"long\"}]}";
    String outer =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"dense\",\"type\":\"a.D\"}]}";
    answers.put(
        "/schemas/ids/1", confluent(outer, "{\"name\":\"a.D\",\"subject\":\"a.D\",\"version\":2}"));
    answers.put("/subjects/a.D/versions/2", confluent(inner, ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(decoder, framed(4, 1, avro(OLD.formatted("long"), 5L))).dense())
        .containsExactly(5f);
  }

  private static String reference(String name) {
    return "{\"name\":\"%s\",\"subject\":\"%s\",\"version\":1}".formatted(name, name);
  }

  private static String record(String name, String fields) {
    return "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}".formatted(name, fields);
  }

  @Test
  void fetchesASchemaThatTwoReferToOnceAndOneThatWasDeletedToo() throws Exception {
    String field = "{\"name\":\"%s\",\"type\":\"%s\"}";
    answers.put(
        "/schemas/ids/1",
        confluent(
            record("R", field.formatted("dense", "L") + "," + field.formatted("x", "M")),
            reference("L") + "," + reference("M")));
    answers.put(
        "/subjects/L/versions/1",
        confluent(record("L", field.formatted("dense_0", "N")), reference("N")));
    answers.put(
        "/subjects/M/versions/1",
        confluent(record("M", field.formatted("dense_0", "N")), reference("N")));
    answers.put(
        "/subjects/N/versions/1", confluent("{\"type\":\"fixed\",\"name\":\"N\",\"size\":1}", ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(decoder, framed(4, 1, new byte[] {5, 6})).reason())
        .as("read as bytes, which are no number")
        .isEqualTo(DeadLetterReason.WRONG_TYPE);
    assertThat(asked)
        .containsExactly(
            "/schemas/ids/1",
            "/subjects/L/versions/1",
            "/subjects/N/versions/1",
            "/subjects/M/versions/1");
    assertThat(queries).containsExactly("null", "deleted=true", "deleted=true", "deleted=true");
  }

  @Test
  void referencesThatAreNotThereOrGoInACircleMakeADeadLetter() throws Exception {
    answers.put("/schemas/ids/1", confluent(OLD.formatted("int"), reference("gone")));
    answers.put("/schemas/ids/2", confluent(record("R", ""), reference("A")));
    String field = "{\"name\":\"a\",\"type\":\"%s\"}";
    answers.put(
        "/subjects/A/versions/1", confluent(record("A", field.formatted("B")), reference("B")));
    answers.put(
        "/subjects/B/versions/1", confluent(record("B", field.formatted("A")), reference("A")));
    answers.put("/schemas/ids/3", confluent(record("R", ""), reference("S0")));
    for (int i = 0; i < 300; i++) {
      answers.put(
          "/subjects/S" + i + "/versions/1",
          confluent(record("S" + i, ""), reference("S" + (i + 1))));
    }
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    for (int id = 1; id <= 3; id++) {
      assertThat(Twin.of(decoder, framed(4, id, new byte[] {2})).reason())
          .isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
    }
    assertThatThrownBy(
            () ->
                decoder.decode(
                    framed(4, 1, new byte[] {2}), decoder.newBatch(), new DecodedEvent()))
        .hasMessageContaining("refers to as /subjects/gone/versions/1");
    assertThatThrownBy(
            () ->
                decoder.decode(
                    framed(4, 3, new byte[] {2}), decoder.newBatch(), new DecodedEvent()))
        .hasMessageContaining("it refers to more than 256 others");
  }

  @Test
  void theTimeForASchemaIsThatForAllThatItRefersTo() throws Exception {
    pauseMillis.set(100);
    answers.put("/schemas/ids/1", confluent(record("R", ""), reference("S0")));
    for (int i = 0; i < 100; i++) {
      answers.put(
          "/subjects/S" + i + "/versions/1",
          confluent(record("S" + i, ""), reference("S" + (i + 1))));
    }
    EventDecoder decoder =
        decoder(new RegistrySettings(Framing.CONFLUENT, url(), Ids.CONTENT, null, null, null, 500));
    assertThatThrownBy(() -> Twin.of(decoder, framed(4, 1, new byte[] {2})))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("in 500 ms");
    assertThat(asked).hasSizeLessThan(10);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 422})
  void anIdThatTheRegistryTakesForNoneIsADeadLetter(int status) {
    none = status;
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(decoder, framed(4, -1, new byte[] {2})).reason())
        .isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
  }

  @Test
  void eventsOfManyUnknownIdsDoNotDriveOutTheSchemasInUse() throws Exception {
    byte[] good = framed(4, 7, avro(OLD.formatted("int"), 3));
    answers.put("/schemas/ids/7", confluent(OLD.formatted("int"), ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(decoder, good).dense()).containsExactly(3f);
    for (int id = 1000; id < 1300; id++) {
      Twin.of(decoder, framed(4, id, new byte[] {2}));
    }
    server.stop(0);
    for (int id = 1000; id < 1300; id++) {
      assertThat(Twin.of(decoder, framed(4, id, new byte[] {2})).reason())
          .isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
    }
    assertThat(Twin.of(decoder, good).dense()).containsExactly(3f);
  }

  @Test
  void asksApicurioForContentAndGlobalIds() {
    answers.put("/v3/ids/contentIds/9", OLD.formatted("long"));
    answers.put("/v2/ids/globalIds/" + (1L << 40), OLD.formatted("long"));
    byte[] body = avro(OLD.formatted("long"), 5L);
    EventDecoder three = decoder(RegistrySettings.of(Framing.APICURIO, url() + "/v3"));
    EventDecoder two = decoder(RegistrySettings.of(Framing.APICURIO_V2, url() + "/v2"));
    assertThat(Twin.of(three, framed(4, 9, body)).dense()).containsExactly(5f);
    assertThat(Twin.of(two, framed(8, 1L << 40, body)).dense()).containsExactly(5f);
  }

  @Test
  void anIdThatTheRegistryDoesNotHaveIsADeadLetterAndNotAskedForAgainAtOnce() throws Exception {
    answers.put("/schemas/ids/2", confluent("syntax = \"proto3\";", ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    for (int i = 0; i < 3; i++) {
      assertThat(Twin.of(decoder, framed(4, 1, new byte[] {2})).reason())
          .isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
      assertThat(Twin.of(decoder, framed(4, 2, new byte[] {2})).reason())
          .isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
    }
    assertThat(asked).containsExactly("/schemas/ids/1", "/schemas/ids/2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}",
        "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":[\"object\",\"null\"]}",
        "{\"$ref\":\"#/definitions/a\"}",
        "{\"type\":{\"a\":1}}",
        "{\"type\":\"array\"}",
        "{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}",
        "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[null]}",
        "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":{}}",
        "{\"type\":\"record\",\"name\":\"r\",\"fields\":7}",
        "true",
        "7",
        "null",
        "{}",
        "[]",
        ""
      })
  void anIdOfNoAvroRecordIsADeadLetterThatSaysWhatTheSchemaIs(String schema) throws Exception {
    answers.put("/schemas/ids/3", confluent(schema, ""));
    answers.put("/schemas/ids/4", confluent(OLD.formatted("int"), ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    byte[] event = framed(4, 3, new byte[] {2});
    assertThat(Twin.of(decoder, event).reason()).isEqualTo(DeadLetterReason.UNKNOWN_SCHEMA);
    assertThatThrownBy(() -> decoder.decode(event, decoder.newBatch(), new DecodedEvent()))
        .hasMessageContaining("got 3: the registry has another kind of schema: expected ");
    assertThat(Twin.of(decoder, framed(4, 4, avro(OLD.formatted("int"), 3))).dense())
        .containsExactly(3f);
  }

  @Test
  void anEventWithoutItsFrameIsMalformed() {
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    for (byte[] event : List.of(new byte[] {0, 0, 0, 7}, new byte[] {1, 0, 0, 0, 7, 2})) {
      assertThat(Twin.of(decoder, event).reason()).isEqualTo(DeadLetterReason.MALFORMED);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aBusyRegistryIsAskedAgain() throws Exception {
    refusals = 3;
    answers.put("/schemas/ids/7", confluent(OLD.formatted("int"), ""));
    EventDecoder decoder = decoder(RegistrySettings.of(Framing.CONFLUENT, url()));
    assertThat(Twin.of(decoder, framed(4, 7, avro(OLD.formatted("int"), 3))).dense())
        .containsExactly(3f);
    assertThat(asked).hasSize(4);
  }

  @Test
  void aRegistryThatIsDownIsAnErrorAndNoDeadLetter() {
    server.stop(0);
    RegistrySettings settings =
        new RegistrySettings(Framing.CONFLUENT, url(), Ids.CONTENT, "scorer", "hunter2", null, 300);
    EventDecoder decoder = decoder(settings);
    assertThatThrownBy(() -> Twin.of(decoder, framed(4, 7, new byte[] {2})))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("schema registry: expected an answer of " + url() + "/schemas/ids/7")
        .hasMessageContaining("in 300 ms")
        .hasMessageNotContaining("hunter2");
    assertThat(settings.toString()).doesNotContain("hunter2").contains(url());
  }

  @Test
  void credentialsGoWithEachRequest() throws Exception {
    answers.put("/schemas/ids/7", confluent(OLD.formatted("int"), ""));
    byte[] event = framed(4, 7, avro(OLD.formatted("int"), 3));
    for (String token : new String[] {null, "t0ken"}) {
      Twin.of(
          decoder(
              new RegistrySettings(Framing.CONFLUENT, url(), Ids.CONTENT, "u", "p", token, 5_000)),
          event);
    }
    assertThat(authorizations).containsExactly("Basic dTpw", "Bearer t0ken");
  }
}
