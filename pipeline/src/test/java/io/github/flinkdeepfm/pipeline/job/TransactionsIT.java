package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sinks' transactions leave behind: at a killed job, an idle one, a long-lived one. */
@Timeout(180)
class TransactionsIT {
  private static final String EVENT = "{\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}";
  private static final int EVENTS = 10;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;
  private static KafkaTopics topics;
  private static Path model;
  private static int tests;

  /** Of one test's topics. */
  private String name;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    topics = new KafkaTopics(broker.bootstrapServers());
    model = TinyModel.write(folder.resolve("v1"));
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @BeforeEach
  void createTopics() {
    name = "t" + tests++;
    for (String topic : List.of(name, name + "-scores", name + "-dead")) {
      broker.createTopic(topic, 1, Map.of());
    }
  }

  /** One that is cancelled aborts its transaction itself; one that is killed cannot. */
  @ParameterizedTest
  @ValueSource(strings = {"exactly_once", "at_least_once"})
  void aKilledJobsTransactionStallsReadersUntilTheSameJobStartsAgain(String delivery)
      throws Exception {
    send(EVENT, EVENTS);
    Path file = folder.resolve(name + ".yaml");
    Files.writeString(file, yaml("first", "earliest", "exactly_once", "5min"));
    try (ChildJvm job = ChildJvm.start(Main.class, "run", "--config", file.toString())) {
      job.awaitLine(Pattern.compile("job .* running, .*"), 60);
      while (topics.end(name + "-scores") < EVENTS) {
        Thread.sleep(100);
      }
    }
    sendAnothers(0);

    try (RunningJob other = RunningJob.start(config("second", "latest", "exactly_once", "5min"))) {
      assertThat(topics.count(name + "-scores")).isZero();
      other.cancel();
    }
    try (RunningJob same = RunningJob.start(config("first", "earliest", delivery, "5min"))) {
      same.await(() -> topics.count(name + "-scores") >= 1);
      same.await(() -> topics.end(name + "-scores") >= 2 * EVENTS + 2);
      same.stop(folder.resolve(name));
    }
    assertThat(topics.count(name + "-scores")).isEqualTo(1 + EVENTS);
  }

  /** A transaction that began after the savepoint, whose own ones may not be touched. */
  @Test
  void aRestoredJobWithoutTransactionsEndsTheOldOnesOnceItsOwnAreCommitted() throws Exception {
    Path savepoint;
    try (RunningJob job = RunningJob.start(config("kept", "earliest", "exactly_once", "5min"))) {
      send(EVENT, EVENTS);
      job.await(() -> topics.end(name + "-scores") >= EVENTS);
      savepoint = job.stopForRestore(folder.resolve(name));
    }
    leaveOpen(name + "-kept-scores-0-99");
    sendAnothers(EVENTS);
    JobConfig next = config("kept", "earliest", "at_least_once", "200ms");
    try (RunningJob job = RunningJob.start(next, Optional.of(savepoint))) {
      job.await(() -> topics.count(name + "-scores") == EVENTS + 1);
    }
  }

  @Test
  void anOpenTransactionIsAbortedByHand() throws Exception {
    leaveOpen(name + "-gone");
    sendAnothers(0);

    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      abort(admin, new TopicPartition(name + "-scores", 0));
    }
    while (topics.count(name + "-scores") != 1) {
      Thread.sleep(50);
    }
  }

  /** A transaction as it is when its process is killed. */
  private void leaveOpen(String id) throws Exception {
    Map<String, Object> client =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", id);
    KafkaProducer<byte[], byte[]> gone =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer());
    gone.initTransactions();
    gone.beginTransaction();
    gone.send(new ProducerRecord<>(name + "-scores", new byte[1])).get();
    gone.close(Duration.ZERO);
  }

  /** What kafka-transactions.sh does: describe-producers, then abort by the start offset. */
  private static void abort(Admin admin, TopicPartition partition) throws Exception {
    ProducerState open =
        admin
            .describeProducers(List.of(partition))
            .partitionResult(partition)
            .get()
            .activeProducers()
            .stream()
            .filter(producer -> producer.currentTransactionStartOffset().isPresent())
            .findFirst()
            .orElseThrow();
    admin
        .abortTransaction(
            new AbortTransactionSpec(
                partition,
                open.producerId(),
                (short) open.producerEpoch(),
                open.coordinatorEpoch().orElse(0)))
        .all()
        .get();
  }

  /** A record of another writer, behind the open transaction, which nobody sees. */
  private void sendAnothers(int visible) throws Exception {
    var unused =
        topics.send(List.of(new ProducerRecord<>(name + "-scores", "another's".getBytes(UTF_8))));
    assertThat(topics.count(name + "-scores")).isEqualTo(visible);
  }

  @Test
  void anIdleTopicsEmptyTransactionsAreNoReasonToFailAfterARestore() throws Exception {
    JobConfig config = config("idle", "earliest", "exactly_once", "50ms");
    Path savepoint;
    try (RunningJob job = RunningJob.start(config)) {
      job.awaitCheckpoints(20);
      savepoint = job.stopForRestore(folder.resolve(name));
    }
    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      int before = job.checkpoints();
      job.awaitCheckpoints(before + 5);
      send(EVENT, 1);
      job.await(() -> topics.count(name + "-scores") == 1);
      job.awaitCheckpoints(job.checkpoints() + 5); // it never restarts: its strategy is none
    }
    assertThat(topics.count(name + "-scores")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exactly_once", "at_least_once"})
  void producersAndTheirMemoryDoNotGrowWithTheCheckpoints(String delivery) throws Exception {
    try (RunningJob job = RunningJob.start(config("long", "earliest", delivery, "20ms"))) {
      long threads = load(job, 40);
      long heap = liveHeap();
      // One that is left behind at each checkpoint would be 80 more.
      assertThat(load(job, 120)).isLessThan(threads + 40);
      assertThat(liveHeap() - heap).isLessThan(16 << 20);
    }
  }

  /**
   * Scores and dead letters between all checkpoints until there are so many of them.
   *
   * @return the most producers' threads that there were at once
   */
  private long load(RunningJob job, int checkpoints) throws Exception {
    long most = 0;
    while (job.checkpoints() < checkpoints) {
      send(EVENT, 1);
      send("no event", 1);
      job.await(() -> true);
      most = Math.max(most, producerThreads());
    }
    return most;
  }

  private static long producerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("kafka-producer-network-thread"))
        .count();
  }

  /** After several collections, for what was allocated between one and its reading is no leak. */
  private static long liveHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      memory.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private void send(String event, int count) throws Exception {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(name, event.getBytes(UTF_8));
    var unused = topics.send(Collections.nCopies(count, record));
  }

  private JobConfig config(String job, String start, String delivery, String interval) {
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml(job, start, delivery, interval));
  }

  private String yaml(String job, String start, String delivery, String interval) {
    return """
        job: %1$s-%2$s
        kafka: {bootstrap.servers: "%3$s"}
        events: {topic: %1$s, group: it, start: %4$s}
        scores: {topic: %1$s-scores, delivery: %5$s, transaction_timeout: 14min}
        dead_letters: {topic: %1$s-dead}
        model: {directory: "%6$s"}
        flink: {parallelism: 2, checkpoint_interval: %7$s, restart-strategy.type: none}
        """
        .formatted(name, job, broker.bootstrapServers(), start, delivery, model, interval);
  }
}
