package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.fuzz.ByteMutator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Every kind of bad event, for the weighted {@link io.github.flinkdeepfm.pipeline.TinyModel} whose
 * job copies {@code /user}, each followed by a good one.
 */
public final class HostileEvents {
  static final String SCORE = "SCORE";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GOOD = event("\"event_id\":\"e\"", "[3]", "[1]", "2");
  private static final int MIB = 1 << 20;

  private final String topic;
  private final List<Case> cases = new ArrayList<>();

  /**
   * One event.
   *
   * @param outcome {@code SCORE} or the dead letter's reason
   */
  public record Case(String name, String outcome, ProducerRecord<byte[], byte[]> record) {}

  /** Writes an event of the default layout in another format. */
  public interface Format {
    byte[] write(JsonNode event) throws IOException;
  }

  private HostileEvents(String topic) {
    this.topic = topic;
  }

  /** All of them, as JSON to a topic that takes records of 32 MiB. */
  public static List<Case> json(String topic) {
    HostileEvents events = new HostileEvents(topic);
    events.brokenText();
    events.numbers();
    events.wrongFields();
    events.sizes();
    events.keysAndHeaders();
    return events.cases;
  }

  /**
   * Events in a format: each that is a JSON object, the same damaged and cut off, and what is
   * nothing of the format.
   */
  public static List<byte[]> inFormat(Format format, List<byte[]> json, long seed) {
    byte[] varints = new byte[100_000];
    Arrays.fill(varints, (byte) 0x82);
    List<byte[]> events =
        new ArrayList<>(
            Arrays.asList(
                null,
                new byte[0],
                GOOD.getBytes(UTF_8),
                gzip(GOOD.getBytes(UTF_8)),
                framed(GOOD.getBytes(UTF_8)),
                varints));
    ByteMutator damager = new ByteMutator(new Random(seed));
    for (byte[] text : json) {
      try {
        JsonNode event = text == null ? null : JSON.readTree(text);
        if (event != null && event.isObject()) {
          byte[] whole = format.write(event);
          events.add(whole);
          events.add(damager.mutate(whole));
          events.add(Arrays.copyOf(whole, whole.length / 2));
        }
      } catch (IOException | RuntimeException e) {
        // Not JSON, or nothing that the format could say.
      }
    }
    return events;
  }

  /** What other producers were seen to send as numbers, and around the text. */
  private void numbers() {
    add("17 digits", SCORE, event("\"a\":1", "[3]", "[1]", "0.30000000000000004"));
    add("17 digits, small", SCORE, event("\"a\":1", "[3]", "[1]", "5.551115123125783e-17"));
    add("30 digits", SCORE, event("\"a\":1", "[3]", "[1]", "0.123456789012345678901234567890"));
    add("17 digits, weight", SCORE, event("\"a\":1", "[3]", "[0.30000000000000004]", "2"));
    add("largest double", "NOT_FINITE", event("\"a\":1", "[3]", "[1]", "1.7976931348623157e308"));
    add("30 digits, skipped", SCORE, event("\"a\":1" + "2".repeat(29), "[3]", "[1]", "2"));
    add("17 digits, label", SCORE, event("\"label\":0.30000000000000004", "[3]", "[1]", "2"));
    add("float id", "WRONG_TYPE", event("\"a\":1", "[3.0]", "[1]", "2"));
    add("2^53 as float id", "WRONG_TYPE", event("\"a\":1", "[9007199254740992.0]", "[1]", "2"));
    add(
        "id of int64 as text",
        "WRONG_TYPE",
        event("\"a\":1", "[\"1524831183200260097\"]", "[1]", "2"));
    add("empty id", "WRONG_TYPE", event("\"a\":1", "[\"\"]", "[1]", "2"));
    add("Infinity", "NOT_JSON", event("\"a\":1", "[3]", "[1]", "Infinity"));
    add("-Infinity", "NOT_JSON", event("\"a\":1", "[3]", "[1]", "-Infinity"));
    add("time in seconds", SCORE, event("\"event_time\":1700000000", "[3]", "[1]", "2"));
    add("Confluent's frame", "NOT_JSON", framed(GOOD.getBytes(UTF_8)));
    add("gzip", "NOT_JSON", gzip(GOOD.getBytes(UTF_8)));
    add("byte order mark", "NOT_JSON", "\ufeff" + GOOD);
    add("UTF-16", "NOT_JSON", GOOD.getBytes(StandardCharsets.UTF_16LE));
  }

  private static byte[] framed(byte[] event) {
    byte[] framed = new byte[5 + event.length];
    framed[4] = 2;
    System.arraycopy(event, 0, framed, 5, event.length);
    return framed;
  }

  private static byte[] gzip(byte[] event) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void brokenText() {
    add("tombstone", "TOMBSTONE", (byte[]) null);
    add("empty", "EMPTY", "");
    add("white space", "EMPTY", " \n");
    add("not JSON", "NOT_JSON", "click,1,2,3");
    add("cut off", "NOT_JSON", GOOD.substring(0, GOOD.length() - 5));
    add("two events", "NOT_JSON", GOOD + GOOD);
    add("not UTF-8", "NOT_JSON", new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'});
    add("NaN", "NOT_JSON", event("\"a\":1", "[3]", "[1]", "NaN"));
    add("deep", "NOT_JSON", "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}");
    add("not an object", "WRONG_TYPE", "[1]");
  }

  private void wrongFields() {
    add("missing dense", "MISSING_DENSE", "{\"metrics\":{\"x0\":1}}");
    add("null dense", "MISSING_DENSE", event("\"a\":1", "[3]", "[1]", "null"));
    add("dense text", "WRONG_TYPE", event("\"a\":1", "[3]", "[1]", "\"2\""));
    add("dense overflow", "NOT_FINITE", event("\"a\":1", "[3]", "[1]", "1e39"));
    add("logit overflow", "LOGIT_NOT_FINITE", event("\"a\":1", "[3]", "[1]", "3e38"));
    add("id too large", "ID_OUT_OF_RANGE", event("\"a\":1", "[10]", "[1]", "2"));
    add("id negative", "ID_OUT_OF_RANGE", event("\"a\":1", "[-1]", "[1]", "2"));
    add(
        "id beyond 64 bits",
        "ID_OUT_OF_RANGE",
        event("\"a\":1", "[1" + "0".repeat(30) + "]", "[1]", "2"));
    add("id text", "WRONG_TYPE", event("\"a\":1", "[\"3\"]", "[1]", "2"));
    add("ragged weights", "RAGGED_WEIGHTS", event("\"a\":1", "[3,4]", "[1]", "2"));
    add("weight overflow", "NOT_FINITE", event("\"a\":1", "[3]", "[1e39]", "2"));
    add("known field twice", "DUPLICATE_FIELD", event("\"metrics\":{\"x1\":3}", "[3]", "[1]", "2"));
    add("unknown fields", SCORE, event("\"u\":{\"x1\":[1]},\"u\":2", "[3]", "[1]", "2"));
    add("id is an object", "WRONG_TYPE", event("\"event_id\":{}", "[3]", "[1]", "2"));
    add("time is text", "WRONG_TYPE", event("\"event_time\":\"now\"", "[3]", "[1]", "2"));
    add("time before 1970", "BAD_EVENT_TIME", event("\"event_time\":-1", "[3]", "[1]", "2"));
    add("far future", SCORE, event("\"event_time\":99999999999999", "[3]", "[1]", "2"));
    add(
        "time after 9999",
        "BAD_EVENT_TIME",
        event("\"event_time\":" + Long.MAX_VALUE, "[3]", "[1]", "2"));
  }

  private void sizes() {
    String filler = "x".repeat(10 * MIB);
    add("10 MiB unknown", SCORE, event("\"u\":\"" + filler + "\"", "[3]", "[1]", "2"));
    add("10 MiB of nothing", "NOT_JSON", filler);
    add(
        "10 MiB label",
        "OUTPUT_TOO_LARGE",
        event("\"label\":\"" + filler + "\"", "[3]", "[1]", "2"));
    add("10 MiB name", SCORE, event("\"" + filler + "\":1", "[3]", "[1]", "2"));
    add("20 MiB", "TOO_LARGE", new byte[20 * MIB]);
    String mb = "\u0001y".repeat(MIB / 2).replace("\u0001", "\\u0001");
    add("1 MB id", "EVENT_ID_TOO_LONG", event("\"event_id\":\"" + mb + "\"", "[3]", "[1]", "2"));
    add("1 MB label", "OUTPUT_TOO_LARGE", event("\"label\":\"" + mb + "\"", "[3]", "[1]", "2"));
    add("1 MB copied", "OUTPUT_TOO_LARGE", event("\"user\":\"" + mb + "\"", "[3]", "[1]", "2"));
    add("1 MB dense", "NOT_JSON", event("\"a\":1", "[3]", "[1]", "1".repeat(MIB)));
    String bag = "[3" + ",3".repeat(1 << 16) + "]";
    add("65,537 ids", "TOO_MANY_IDS", event("\"a\":1", bag, bag, "2"));
  }

  private void keysAndHeaders() {
    byte[] large = new byte[2 * MIB];
    add("large key", "OUTPUT_TOO_LARGE", large, GOOD);
    add("large key, broken", "NOT_JSON", large, "{");
    add("large header", "OUTPUT_TOO_LARGE", GOOD).headers().add("h", large);
    add("large header, broken", "NOT_JSON", "{").headers().add("h", large);
    ProducerRecord<byte[], byte[]> many = add("a million headers", "OUTPUT_TOO_LARGE", GOOD);
    ProducerRecord<byte[], byte[]> broken = add("a million headers, broken", "NOT_JSON", "{");
    for (int i = 0; i < MIB; i++) {
      many.headers().add("", null);
      broken.headers().add("", null);
    }
  }

  private static String event(String first, String ids, String weights, String x1) {
    return "{%s,\"metrics\":{\"x1\":%s},\"ids\":{\"c0\":%s},\"weights\":{\"c0\":%s}}"
        .formatted(first, x1, ids, weights);
  }

  private ProducerRecord<byte[], byte[]> add(String name, String outcome, String value) {
    return add(name, outcome, value.getBytes(UTF_8));
  }

  private ProducerRecord<byte[], byte[]> add(String name, String outcome, byte[] value) {
    return add(name, outcome, new byte[] {1}, value);
  }

  private void add(String name, String outcome, byte[] key, String value) {
    add(name, outcome, key, value.getBytes(UTF_8));
  }

  /** Followed by a good event, in the same partition. */
  private ProducerRecord<byte[], byte[]> add(
      String name, String outcome, byte[] key, byte[] value) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key, value);
    cases.add(new Case(name, outcome, record));
    byte[] good = GOOD.getBytes(UTF_8);
    cases.add(new Case("after " + name, SCORE, new ProducerRecord<>(topic, good)));
    return record;
  }
}
