package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kind of bad event through the real job on a real broker whose output topics take 1 MiB, as
 * they do by default: each becomes one score or one dead letter, and the good event behind it is
 * scored.
 */
@Timeout(120)
class BadInputIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SCORE = "SCORE";
  private static final String GOOD = event("\"event_id\":\"e\"", "[3]", "[1]", "2");
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();

  @Test
  void eachIsOneScoreOrOneDeadLetterWithItsReasonAndTheJobGoesOn() throws Exception {
    brokenText();
    wrongFields();
    sizes();
    keysAndHeaders();

    Map<String, String> outcomes = new LinkedHashMap<>();
    Map<String, String> wanted = new LinkedHashMap<>();
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"))) {
      broker.createTopic("events", 1, Map.of("max.message.bytes", "" + 32 * MIB));
      broker.createTopic("scores", 1, Map.of("max.message.bytes", "1048588"));
      broker.createTopic("events-dead", 1, Map.of("max.message.bytes", "1048588"));
      KafkaTopics topics = new KafkaTopics(broker.bootstrapServers());
      List<String> sent = topics.send(records);
      for (int i = 0; i < sent.size(); i++) {
        wanted.put(names.get(i) + " " + sent.get(i), expected.get(i));
      }
      runUntilDone(broker, topics);
      for (String topic : List.of("scores", "events-dead")) {
        for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
          JsonNode outcome = JSON.readTree(record.value());
          int i = outcome.at("/source/offset").intValue();
          String reason = outcome.path("reason").asText(SCORE);
          assertThat(outcomes.put(names.get(i) + " " + sent.get(i), reason)).isNull();
          assertThat(outcome.path("detail").asText().length()).isLessThan(300);
          assertThat(record.timestamp()).isLessThan(System.currentTimeMillis() + 3_600_000);
        }
      }
    }
    assertThat(outcomes).containsExactlyInAnyOrderEntriesOf(wanted);
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
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("events", key, value);
    records.add(record);
    names.add(name);
    expected.add(outcome);
    records.add(new ProducerRecord<>("events", GOOD.getBytes(UTF_8)));
    names.add("after " + name);
    expected.add(SCORE);
    return record;
  }

  private void runUntilDone(EmbeddedKafka broker, KafkaTopics topics) throws Exception {
    JobConfig config =
        new JobConfigReader(Map.of())
            .parse(
                "job.yaml",
                """
                job: bad-input
                kafka: {bootstrap.servers: "%s"}
                events: {topic: events, group: it}
                output: {copy: [/user]}
                scores: {topic: scores, transaction_timeout: 1min}
                dead_letters: {topic: events-dead}
                model: {directory: "%s"}
                flink: {checkpoint_interval: 200ms, restart-strategy.type: none}
                """
                    .formatted(
                        broker.bootstrapServers(), TinyModel.writeWeighted(folder.resolve("v1"))));
    Configuration options = FlinkOptions.of(config);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    ModelLocation model = ModelLocator.locate(config.model(), Optional.empty());
    ScoringJob.define(env, config, ScoringJob.settings(config.scoring(), model));
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      JobID job = cluster.submit(env.getStreamGraph());
      while (topics.count("scores", "events-dead") < records.size()) {
        cluster.awaitRunning(job); // throws if it has failed
        Thread.sleep(200);
      }
      cluster.stop(job, folder.resolve("savepoint"));
    }
  }
}
