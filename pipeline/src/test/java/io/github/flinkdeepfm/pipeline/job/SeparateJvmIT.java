package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.FlinkRest;
import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.BrokerMain;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command {@code run} as a user has it: broker and job in JVMs of their own, events in a layout
 * of their own, outcomes counted by source coordinates with a plain read_committed consumer.
 */
@Timeout(180)
class SeparateJvmIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant EVENT_TIME = Instant.parse("2023-11-14T22:13:20Z");
  private static final int PARTITIONS = 2;
  private static final Pattern READY = Pattern.compile("ready (.*)");
  private static final Pattern RUNNING = Pattern.compile("job it (\\w+) running, REST at (\\S+)");

  @TempDir Path folder;

  /** Each part of the events is compressed by another of Kafka's codecs. */
  @Test
  void everyCoordinateIsOneScoreOrOneDeadLetterAcrossAStopWithSavepoint() throws Exception {
    try (ChildJvm broker =
        ChildJvm.start(
            BrokerMain.class,
            "--dir=" + folder.resolve("broker"),
            "--topic=events:" + PARTITIONS,
            "--topic=scores:" + PARTITIONS,
            "--topic=events-dead:1")) {
      String servers = broker.awaitLine(READY, 60).group(1);
      KafkaTopics topics = new KafkaTopics(servers);
      String config = config(servers, TinyModel.write(folder.resolve("v1")));

      TreeSet<String> sent = new TreeSet<>(topics.send(events(0, 3000), "gzip"));
      String savepoint;
      try (ChildJvm job = ChildJvm.start(Main.class, "run", "--config", config)) {
        Matcher running = job.awaitLine(RUNNING, 60);
        sent.addAll(topics.send(events(3000, 4000), "snappy"));
        await(topics, 6000); // in mid-stream as far as the source knows
        sent.addAll(topics.send(events(7000, 500), "lz4"));
        savepoint =
            new FlinkRest(URI.create(running.group(2)))
                .stopWithSavepoint(running.group(1), folder.resolve("savepoints"));
        job.awaitLine(Pattern.compile("job it \\w+ finished"), 30);
        assertThat(job.awaitExit(30)).isZero();
      }
      sent.addAll(topics.send(events(7500, 2500), "zstd"));
      try (ChildJvm job =
          ChildJvm.start(Main.class, "run", "--config", config, "--from-savepoint", savepoint)) {
        job.awaitLine(RUNNING, 60);
        await(topics, 10_000);
        job.terminate();
        job.awaitLine(Pattern.compile("job it \\w+ cancelled"), 30);
        job.awaitExit(30);
      }
      assertThat(outcomes(topics)).doesNotHaveDuplicates().hasSize(10_000).hasSameElementsAs(sent);
    }
  }

  private static void await(KafkaTopics topics, int outcomes) throws InterruptedException {
    while (topics.count("scores", "events-dead") < outcomes) {
      Thread.sleep(200);
    }
  }

  /** The coordinates of all scores and dead letters, each checked by itself. */
  private static List<String> outcomes(KafkaTopics topics) throws Exception {
    List<String> got = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read("scores")) {
      got.add(checkScore(record));
    }
    List<ConsumerRecord<byte[], byte[]>> dead = topics.read("events-dead");
    assertThat(dead).hasSize(300);
    for (ConsumerRecord<byte[], byte[]> record : dead) {
      JsonNode letter = JSON.readTree(record.value());
      assertThat(letter.get("reason").textValue()).isIn("NOT_JSON", "EMPTY", "TOMBSTONE");
      got.add(coordinates(letter));
    }
    return got;
  }

  private static String checkScore(ConsumerRecord<byte[], byte[]> record) throws Exception {
    JsonNode score = JSON.readTree(record.value());
    int i = Integer.parseInt(score.get("event_id").textValue().substring(1));
    long time = EVENT_TIME.plusSeconds(i).toEpochMilli();
    assertThat(record.timestamp()).isEqualTo(time);
    assertThat(score.get("event_time").longValue()).isEqualTo(time);
    assertThat(score.get("label").intValue()).isEqualTo(i % 2);
    assertThat(score.get("fields").get("/who/user").textValue()).isEqualTo("u" + i);
    assertThat(score.get("model_version").textValue()).isEqualTo("v1");
    assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo("k" + i);
    assertThat(record.headers().lastHeader("trace").value()).isEqualTo(record.key());
    assertThat(record.headers().lastHeader("numerics").value()).isNotEmpty();
    return coordinates(score);
  }

  private static String coordinates(JsonNode outcome) {
    JsonNode source = outcome.get("source");
    assertThat(source.get("topic").textValue()).isEqualTo("events");
    return source.get("partition") + "-" + source.get("offset");
  }

  private String config(String servers, Path model) throws Exception {
    return Files.writeString(
            folder.resolve("job.yaml"),
            """
            job: it
            kafka: {bootstrap.servers: "%s"}
            events: {topic: events, group: it}
            event: {id: /meta/id, time: /meta/at, time_format: iso8601, label: /outcome/clicked}
            output: {copy: [/who/user]}
            scores: {topic: scores, transaction_timeout: 1min}
            dead_letters: {topic: events-dead}
            model: {directory: "%s"}
            flink: {parallelism: 2, checkpoint_interval: 500ms}
            """
                .formatted(servers, model))
        .toString();
  }

  /** Events i = first …, of which three in a hundred are broken. */
  private static List<ProducerRecord<byte[], byte[]>> events(int first, int count) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      byte[] key = ("k" + i).getBytes(StandardCharsets.UTF_8);
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>("events", i % PARTITIONS, key, value(i));
      record.headers().add("trace", key);
      records.add(record);
    }
    return records;
  }

  private static byte[] value(int i) {
    return switch (i % 100) {
      case 11 -> null;
      case 37 -> new byte[0];
      case 73 -> "{\"meta\":".getBytes(StandardCharsets.UTF_8);
      default ->
          """
          {"meta":{"id":"e%d","at":"%s"},"who":{"user":"u%d"},"outcome":{"clicked":%d},
           "metrics":{"x0":%d.5,"x1":-1},"ids":{"c0":[%d]}}
          """
              .formatted(i, EVENT_TIME.plusSeconds(i), i, i % 2, i % 7, i % 10)
              .getBytes(StandardCharsets.UTF_8);
    };
  }
}
