package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Descriptors.Descriptor;
import com.sun.net.httpserver.HttpServer;
import io.github.flinkdeepfm.model.features.EventSchemas;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.operators.ModelLocation;
import io.github.flinkdeepfm.pipeline.DefaultLayout;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same events in each format through the real job on a real broker: the same logits, bit for
 * bit, and the same dead letters.
 */
@Timeout(180)
class FormatsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 200;
  private static final int SCHEMA_ID = 7;

  @TempDir Path folder;

  private Path model;

  @Test
  void jsonAvroAndProtobufGiveTheSameScoresAndDeadLetters() throws Exception {
    model = TinyModel.writeWeighted(folder.resolve("v1"));
    Files.writeString(
        model.resolve("features.json"),
        """
        {"dense":[{"name":"x0","default":0.0},{"name":"x1"}],"sparse":[{"name":"c0"}]}
        """);
    Schema avro = new Schema.Parser().parse(EventSchemas.avro());
    Descriptor protobuf = ProtobufSchema.message(EventSchemas.descriptors(), EventSchemas.MESSAGE);
    List<byte[]> json = new ArrayList<>();
    List<byte[]> avros = new ArrayList<>();
    List<byte[]> protobufs = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      JsonNode event = JSON.readTree(event(i));
      json.add(JSON.writeValueAsBytes(event));
      avros.add(framed(SCHEMA_ID, DefaultLayout.avro(event, avro)));
      protobufs.add(DefaultLayout.protobuf(event, protobuf));
    }
    json.addAll(Arrays.asList("{".getBytes(UTF_8), null));
    avros.addAll(Arrays.asList(cutOff(avros.get(1)), null));
    protobufs.addAll(Arrays.asList(cutOff(protobufs.get(1)), null));
    avros.add(framed(SCHEMA_ID + 1, new byte[] {0}));

    HttpServer registry = registry(avro);
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"))) {
      Map<String, String> expected = run(broker, "json", "{}", json);
      List<byte[]> framed =
          json.stream().map(v -> v == null ? null : framed(SCHEMA_ID, v)).toList();
      assertThat(run(broker, "framed", "{registry: {framing: confluent}}", framed))
          .isEqualTo(expected);
      String url = "http://127.0.0.1:" + registry.getAddress().getPort();
      Map<String, String> fromAvro =
          run(broker, "avro", "{format: avro, registry: {url: \"" + url + "\"}}", avros);
      assertThat(fromAvro.remove(String.valueOf(EVENTS + 2))).isEqualTo("UNKNOWN_SCHEMA");
      Map<String, String> fromProtobuf = run(broker, "protobuf", "{format: protobuf}", protobufs);

      assertThat(expected.values().stream().filter(v -> v.startsWith("-") || v.startsWith("0")))
          .hasSizeGreaterThan(EVENTS / 2);
      assertThat(expected.values())
          .contains("MISSING_DENSE", "ID_OUT_OF_RANGE", "RAGGED_WEIGHTS", "NOT_JSON", "TOMBSTONE");
      expected.replaceAll((offset, outcome) -> outcome.replace("NOT_JSON", "MALFORMED"));
      assertThat(fromAvro).isEqualTo(expected);
      assertThat(fromProtobuf).isEqualTo(expected);
    } finally {
      registry.stop(0);
    }
  }

  private static String event(int i) {
    String dense = i % 17 == 0 ? "\"x0\":3" : "\"x0\":%s,\"x1\":%s".formatted(i / 8.0, -i * 0.37);
    int id = i % 19 == 0 ? 10 : i % 10;
    String weights = i % 23 == 0 ? "[0.5]" : "[0.5,%s]".formatted(i * 0.01f);
    return """
        {"event_id":"e%d","event_time":%d,"label":%d,
         "dense":{%s},"sparse":{"c0":[%d,3]},"weights":{"c0":%s}}
        """
        .formatted(i, 1_700_000_000_000L + i, i % 2, dense, id, weights);
  }

  private static byte[] framed(int id, byte[] event) {
    return ByteBuffer.allocate(5 + event.length).put((byte) 0).putInt(id).put(event).array();
  }

  private static byte[] cutOff(byte[] event) {
    return Arrays.copyOf(event, event.length - 2);
  }

  private static HttpServer registry(Schema schema) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    byte[] answer =
        JSON.createObjectNode().put("schema", schema.toString()).toString().getBytes(UTF_8);
    server.createContext(
        "/schemas/ids/",
        exchange -> {
          boolean known = exchange.getRequestURI().getPath().endsWith("/" + SCHEMA_ID);
          exchange.sendResponseHeaders(known ? 200 : 404, known ? answer.length : -1);
          if (known) {
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    server.start();
    return server;
  }

  /** By offset: the score without what no two runs share, or the dead letter's reason. */
  private Map<String, String> run(
      EmbeddedKafka broker, String name, String event, List<byte[]> events) throws Exception {
    for (String topic : List.of(name, name + "-scores", name + "-dead")) {
      broker.createTopic(topic, 1, Map.of());
    }
    KafkaTopics topics = new KafkaTopics(broker.bootstrapServers());
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (byte[] value : events) {
      records.add(new ProducerRecord<>(name, value));
    }
    var unused = topics.send(records);
    JobConfig config =
        new JobConfigReader(Map.of())
            .parse(
                "job.yaml",
                """
                job: %1$s
                kafka: {bootstrap.servers: "%2$s"}
                events: {topic: %1$s, group: it}
                event: %3$s
                scores: {topic: %1$s-scores, transaction_timeout: 1min}
                dead_letters: {topic: %1$s-dead}
                model: {directory: "%4$s"}
                flink: {checkpoint_interval: 200ms, restart-strategy.type: none}
                """
                    .formatted(name, broker.bootstrapServers(), event, model));
    Configuration options = FlinkOptions.of(config);
    StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, options);
    ModelLocation location = ModelLocator.locate(config.model(), Optional.empty());
    ScoringJob.define(env, config, ScoringJob.settings(config.scoring(), location));
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      JobID job = cluster.submit(env.getStreamGraph());
      while (topics.count(name + "-scores", name + "-dead") < events.size()) {
        cluster.awaitRunning(job); // throws if it has failed
        Thread.sleep(200);
      }
      cluster.stop(job, folder.resolve("savepoint-" + name));
    }
    Map<String, String> outcomes = new TreeMap<>();
    for (String topic : List.of(name + "-scores", name + "-dead")) {
      for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
        JsonNode outcome = JSON.readTree(record.value());
        String text =
            outcome.has("reason")
                ? outcome.path("reason").asText()
                : String.join(
                    " ",
                    outcome.path("logit").toString(),
                    outcome.path("score").toString(),
                    outcome.path("event_id").toString(),
                    outcome.path("event_time").toString(),
                    outcome.path("label").toString());
        assertThat(outcomes.put(outcome.at("/source/offset").toString(), text)).isNull();
      }
    }
    return outcomes;
  }
}
