package io.github.flinkdeepfm.pipeline.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ScoreJsonTest {
  private static final ObjectMapper JACKSON = new ObjectMapper();

  @Example
  void bytesAreThoseOfTheContract() {
    byte[][] copied = {utf8("\"u7\""), null, utf8("[1,2]")};
    byte[] json =
        new ScoreJson(List.of("/user/id", "/none", "/list"))
            .write(event("a1", 1_700_000_000_000L, -0.31f, 0.423f, utf8("1"), copied));

    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"event_id\":\"a1\",\"event_time\":1700000000000,\"logit\":-0.31,\"score\":0.423,"
                + "\"model_version\":\"000042\",\"source\":{\"topic\":\"events\",\"partition\":0,"
                + "\"offset\":17},\"scored_at\":1700000000123,\"label\":1,"
                + "\"fields\":{\"/user/id\":\"u7\",\"/list\":[1,2]}}");
  }

  @Example
  void withoutTimeLabelAndFieldsTheyAreNullOrAbsent() {
    byte[] json =
        new ScoreJson(List.of())
            .write(event("a1", RawEvent.NO_TIMESTAMP, 0f, 0.5f, null, new byte[0][]));

    assertThat(new String(json, StandardCharsets.UTF_8))
        .contains("\"event_time\":null")
        .doesNotContain("label", "fields");
  }

  @Property
  void everyFiniteFloatReadsBackBitForBit(@ForAll int bits) throws IOException {
    float value = Float.intBitsToFloat(bits);
    Assume.that(Float.isFinite(value));

    String text = new String(new JsonBytes().number(value).toByteArray(), StandardCharsets.UTF_8);

    assertThat(Float.floatToRawIntBits(Float.parseFloat(text))).isEqualTo(bits);
    assertThat(Float.floatToRawIntBits((float) JACKSON.readTree(text).doubleValue()))
        .isEqualTo(bits);
  }

  @Property
  void everyStringReadsBack(@ForAll String value) throws IOException {
    assertThat(writeAndRead(value)).isEqualTo(value);
  }

  @Example
  void awkwardStringsReadBack() throws IOException {
    for (String value :
        List.of(
            "", "\"\\\b\f\n\r\t\u0000\u001f\u007f", "é€𝄞", "\ud800", "\udc00x", "\ud800\ud800")) {
      assertThat(writeAndRead(value)).isEqualTo(value);
    }
  }

  @Example
  void aBufferUsedBeforeLeavesNothingBehind() throws IOException {
    ScoreJson json = new ScoreJson(List.of());
    json.write(event("x".repeat(5000), 1, 1f, 1f, null, new byte[0][]));

    JsonNode second = JACKSON.readTree(json.write(event("b", 1, 1f, 1f, null, new byte[0][])));

    assertThat(second.get("event_id").textValue()).isEqualTo("b");
  }

  private static String writeAndRead(String value) throws IOException {
    return JACKSON.readTree(new JsonBytes().string(value).toByteArray()).textValue();
  }

  private static ScoredEvent event(
      String id, long time, float logit, float score, byte[] label, byte[][] copied) {
    RawEvent raw =
        new RawEvent(
            new SourceCoordinates("events", 0, 17), 5, null, new byte[0], new EventHeader[0]);
    return new ScoredEvent(
        raw, id, time, logit, score, "000042", "cpu", 1_700_000_000_123L, label, copied);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
