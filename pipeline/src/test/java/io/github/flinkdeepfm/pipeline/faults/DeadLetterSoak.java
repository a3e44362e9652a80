package io.github.flinkdeepfm.pipeline.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends events that are all dead letters to a job in a process of its own, and watches that
 * process: {@code DeadLetterSoak SECONDS EVENTS_PER_SECOND}. Exits with 1 if it grows, or if an
 * event has not become one dead letter.
 */
public final class DeadLetterSoak {
  private static final int SAMPLES = 15;
  private static final int WARM_UP = SAMPLES / 3;
  private static final long PATIENCE_SECONDS = 60;

  private final Path folder;
  private final long seconds;
  private final int rate;
  private final List<Sample> samples = new ArrayList<>();

  /** What the process has. */
  private record Sample(long heap, long metaspace, long resident, long threads, long files) {
    static Sample of(ServerJvm job) throws IOException, InterruptedException {
      Path process = Path.of("/proc", Long.toString(job.pid()));
      long heap = job.liveHeapBytes();
      long kilobytes =
          Files.readAllLines(process.resolve("status")).stream()
              .filter(line -> line.startsWith("RssAnon:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .sum();
      return new Sample(
          heap,
          job.metaspaceBytes(),
          kilobytes << 10,
          count(process.resolve("task")),
          count(process.resolve("fd")));
    }

    private static long count(Path directory) throws IOException {
      try (Stream<Path> entries = Files.list(directory)) {
        return entries.count();
      }
    }
  }

  private DeadLetterSoak(Path folder, long seconds, int rate) {
    this.folder = folder;
    this.seconds = seconds;
    this.rate = rate;
  }

  public static void main(String[] args) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Path folder = Files.createTempDirectory("dead-letter-soak");
    boolean passed;
    try {
      passed = new DeadLetterSoak(folder, Long.parseLong(args[0]), Integer.parseInt(args[1])).run();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    System.exit(passed ? 0 : 1);
  }

  private boolean run() throws Exception {
    try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("broker"))) {
      for (String topic : List.of("events", "scores", "events-dead")) {
        broker.createTopic(topic, 1, Map.of());
      }
      long sent;
      try (ServerJvm job = startJob(broker)) {
        sent = send(broker, job);
        awaitDeadLetters(broker, sent);
      }
      return report(sent, count(broker, "events-dead"), count(broker, "scores"));
    }
  }

  private ServerJvm startJob(EmbeddedKafka broker) throws IOException {
    Path config = folder.resolve("job.yaml");
    Files.writeString(
        config,
        """
        job: dead-letters
        kafka: {bootstrap.servers: "%s"}
        events: {topic: events, group: soak}
        scores: {topic: scores, transaction_timeout: 1min}
        dead_letters: {topic: events-dead}
        model: {directory: "%s"}
        flink: {checkpoint_interval: 2s, execution.checkpointing.dir: "%s", restart-strategy.type: none}
        """
            .formatted(
                broker.bootstrapServers(),
                TinyModel.writeWeighted(folder.resolve("v1")),
                folder.resolve("checkpoints").toUri()));
    return ServerJvm.start(
        "job",
        folder.resolve("job.log"),
        Map.of("MALLOC_ARENA_MAX", "2"),
        List.of(
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "run",
            "--config",
            config.toString()));
  }

  private long send(EmbeddedKafka broker, ServerJvm job) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      long start = System.nanoTime();
      long sent = 0;
      for (long now = 0; now < seconds * 1_000_000_000L; now = System.nanoTime() - start) {
        for (long due = now / 1_000_000 * rate / 1000; sent < due; sent++) {
          producer.send(new ProducerRecord<>("events", event(sent)));
        }
        if (now > (samples.size() + 1) * (seconds * 1_000_000_000L / (SAMPLES + 1))) {
          samples.add(Sample.of(job));
          System.out.println(samples.get(samples.size() - 1));
        }
        Thread.sleep(20);
      }
      producer.flush();
      return sent;
    }
  }

  /** None of them can be scored; details, names and payloads are all others. */
  private static byte[] event(long n) {
    String text =
        switch ((int) (n % 8)) {
          case 0 -> "{\"event_id\":\"" + n;
          case 1 -> "{\"event_id\":\"e" + n + "\",\"metrics\":{\"x0\":\"" + n + "\"}}";
          case 2 -> "{\"event_time\":\"no time " + n + "\"}";
          case 3 -> " ".repeat((int) (n % 50));
          case 4 -> "[".repeat(65 + (int) (n % 2000));
          case 5 -> "{\"a\\u0041" + n + "\":\"" + "\\n".repeat((int) (n % 3000));
          case 6 -> "{\"n" + n + "\":1,\"event_id\":[" + n + "]}";
          default -> "{\"event_id\":\"" + "é".repeat(600 + (int) (n % 100)) + "\"}";
        };
    return text.getBytes(UTF_8);
  }

  private void awaitDeadLetters(EmbeddedKafka broker, long sent) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (count(broker, "events-dead") < sent && System.nanoTime() < end) {
      Thread.sleep(500);
    }
  }

  /** Committed records. */
  private static long count(EmbeddedKafka broker, String topic) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrapServers());
    properties.put("isolation.level", "read_committed");
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long count = 0;
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        count += consumer.poll(java.time.Duration.ofMillis(500)).count();
      }
      return count;
    }
  }

  private boolean report(long sent, long deadLetters, long scores) throws IOException {
    Sample first = samples.get(WARM_UP);
    Sample last = samples.get(samples.size() - 1);
    boolean passed =
        flat("live heap, MB", first.heap / 1e6, last.heap / 1e6, 8)
            & flat("metaspace, MB", first.metaspace / 1e6, last.metaspace / 1e6, 3)
            & flat("anonymous memory, MB", first.resident / 1e6, last.resident / 1e6, 24)
            & flat("threads", first.threads, last.threads, 5)
            & flat("open files", first.files, last.files, 10);
    System.out.printf("%d events, %d dead letters, %d scores%n", sent, deadLetters, scores);
    boolean exact = deadLetters == sent && scores == 0;
    if (!passed || !exact) {
      System.out.println(Files.readString(folder.resolve("job.log")));
    }
    return passed && exact;
  }

  private static boolean flat(String what, double first, double last, double bound) {
    boolean holds = last - first <= bound;
    System.out.printf(
        "%-22s %8.1f -> %8.1f, at most %+.0f: %s%n", what, first, last, bound, holds ? "ok" : "NO");
    return holds;
  }
}
