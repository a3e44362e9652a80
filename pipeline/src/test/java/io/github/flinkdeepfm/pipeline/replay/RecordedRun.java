package io.github.flinkdeepfm.pipeline.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real job's run over a real topic, with two refreshes and a few dead letters, to replay. */
final class RecordedRun {
  static final List<String> VERSIONS = List.of("v1", "v2", "v3");
  static final int EVENTS_A_VERSION = 400;
  static final int BAD_EVERY = 50;
  static final int EVENTS = EVENTS_A_VERSION * VERSIONS.size();

  private static final int PARTITIONS = 2;
  private static final ObjectMapper JSON = new ObjectMapper();

  final EmbeddedKafka broker;
  final Path folder;
  final Path root;

  private RecordedRun(EmbeddedKafka broker, Path folder) {
    this.broker = broker;
    this.folder = folder;
    this.root = folder.resolve("root");
  }

  /** Publishes, scores and stops; v3 is a delta of v2. */
  static RecordedRun of(EmbeddedKafka broker, Path folder) throws Exception {
    RecordedRun run = new RecordedRun(broker, folder);
    for (String topic : List.of("events", "dead")) {
      broker.createTopic(topic, PARTITIONS, Map.of());
    }
    broker.createTopic("scores", PARTITIONS, Map.of("message.timestamp.type", "LogAppendTime"));
    run.publish("v1", Optional.empty());
    Path jobFile = run.jobFile("job.yaml", run.root);
    JobConfig config = new JobConfigReader(Map.of()).read(jobFile);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(PARTITIONS, FlinkOptions.of(config));
    ScoringJob.define(
        env,
        config,
        ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())));
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), PARTITIONS)) {
      JobID job = cluster.submit(env.getStreamGraph());
      int sent = 0;
      for (String version : VERSIONS) {
        if (!version.equals("v1")) {
          run.publish(version, version.equals("v3") ? Optional.of("v2") : Optional.empty());
        }
        // An event now and then until the version scores, then the rest at once.
        while (!run.versions().contains(version)) {
          run.send(sent, sent + 1);
          sent++;
          Thread.sleep(50);
        }
        int end = (VERSIONS.indexOf(version) + 1) * EVENTS_A_VERSION;
        run.send(sent, end);
        sent = end;
        while (run.read("scores").size() + run.read("dead").size() < sent) {
          Thread.sleep(50);
        }
      }
      cluster.stop(job, folder.resolve("savepoints"));
    }
    return run;
  }

  /** A job.yaml of this run's topics. */
  Path jobFile(String name, Path modelRoot) throws Exception {
    return Files.writeString(
        folder.resolve(name),
        """
        job: recorded
        kafka: {bootstrap.servers: "%s"}
        events: {topic: events, group: recorded, start: earliest}
        scores: {topic: scores, transaction_timeout: 1min}
        dead_letters: {topic: dead}
        model: {root: "%s", poll: 50ms, cache: {dir: "%s"}}
        batch: {rows: 64, linger: 2ms}
        shadow: {model_version: v1}
        flink: {parallelism: 2, checkpoint_interval: 200ms}
        """
            .formatted(broker.bootstrapServers(), modelRoot, folder.resolve("cache")));
  }

  private void publish(String version, Optional<String> base) throws Exception {
    Path made = TinyModel.write(folder.resolve("made").resolve(version), VERSIONS.indexOf(version));
    PublishOptions options = PublishOptions.DEFAULT.withVersion(version);
    new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard())
        .publish(made, base.map(options::withBase).orElse(options));
  }

  private void send(int from, int to) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = from; i < to; i++) {
      records.add(new ProducerRecord<>("events", i % PARTITIONS, null, event(i)));
    }
    send(records);
  }

  void send(List<ProducerRecord<byte[], byte[]>> records) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<RecordMetadata>> pending = new ArrayList<>();
      records.forEach(record -> pending.add(producer.send(record)));
      for (Future<RecordMetadata> ack : pending) {
        ack.get();
      }
    }
  }

  /** Every fiftieth lacks x1, which has no default. */
  private static byte[] event(int i) {
    String x1 = i % BAD_EVERY == 7 ? "" : ",\"x1\":" + (i % 31) / 10.0;
    return "{\"event_id\":\"e%d\",\"label\":%d,\"metrics\":{\"x0\":%d.25%s},\"ids\":{\"c0\":[%d,%d]}}"
        .formatted(i, i % 3 == 0 ? 1 : 0, i % 7, x1, i % 10, i % 9)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Versions that scores name. */
  private List<String> versions() throws Exception {
    List<String> versions = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : read("scores")) {
      versions.add(JSON.readTree(record.value()).get("model_version").textValue());
    }
    return versions;
  }

  /** Event coordinates of the scores of a version, as {@code partition-offset}. */
  List<String> coordinates(String version) throws Exception {
    List<String> coordinates = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : read("scores")) {
      JsonNode score = JSON.readTree(record.value());
      if (score.get("model_version").textValue().equals(version)) {
        coordinates.add(score.at("/source/partition") + "-" + score.at("/source/offset"));
      }
    }
    return coordinates;
  }

  /** All committed records. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        consumer.poll(Duration.ofMillis(50)).forEach(records::add);
      }
    }
    return records;
  }

  /** A copy of the model root. */
  Path copyRoot(String name) throws Exception {
    Path copy = folder.resolve(name);
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(root.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return copy;
  }

  /** Flips the sign bit of the over-arch bias and signs the manifest again. */
  static void flipOverArchBias(Path version) throws Exception {
    Path tensors = version.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(tensors);
    int header = java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
    JsonNode entry =
        JSON.readTree(new String(bytes, 8, header, StandardCharsets.UTF_8))
            .get("over_arch.model.0.bias");
    int last = 8 + header + entry.get("data_offsets").get(0).intValue() + 3;
    bytes[last] ^= (byte) 0x80;
    Files.write(tensors, bytes);
    Path manifestFile = version.resolve("manifest.json");
    ObjectNode manifest = (ObjectNode) JSON.readTree(manifestFile.toFile());
    for (JsonNode file : (ArrayNode) manifest.get("files")) {
      if (file.get("name").textValue().equals("model.safetensors")) {
        ((ObjectNode) file)
            .put(
                "sha256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
      }
    }
    JSON.writeValue(manifestFile.toFile(), manifest);
  }
}
