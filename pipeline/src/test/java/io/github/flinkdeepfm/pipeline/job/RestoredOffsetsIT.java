package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.pipeline.CommittedScore;
import io.github.flinkdeepfm.pipeline.Main;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.cli.CommandOutcome;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.events.EventSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where a job goes on whose state, or whose group, has offsets: the configured start counts once,
 * and what retention has taken is told. Every event's id is its number within its topic.
 */
@Timeout(120)
class RestoredOffsetsIT {
  private static final String LOST = "Source__events." + MetricNames.LOST_EVENTS;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;
  private static KafkaTopics topics;
  private static Path model;
  private static int tests;

  private String name;
  private int savepoints;
  private LogLines log;

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
    name = "r" + tests++;
    for (String topic : List.of(name, name + "-other", name + "-scores", name + "-dead")) {
      broker.createTopic(topic, 1, Map.of());
    }
    log = new LogLines(EventSource.class.getPackage());
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void retentionDuringAStopIsSaidAndCountedOnceWhateverTheStart() throws Exception {
    JobConfig config = config(name, "latest", "continue");
    Path savepoint;
    try (RunningJob job = RunningJob.start(config)) {
      job.awaitCheckpoints(2); // the partition is known
      send(name, 0, 30);
      savepoint = stop(job, ids(0, 30));
    }
    send(name, 30, 60);
    topics.delete(name, 0, 45);
    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      savepoint = stop(job, ids(0, 30), ids(45, 60));
    }
    assertThat(log.warnings())
        .singleElement()
        .asString()
        .contains(name + "-0: expected to go on at offset 30, the earliest there is is 45: 15 ");

    send(name, 60, 65);
    topics.delete(name, 0, 65);
    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      job.await(() -> job.metric(LOST) == 5); // though no record follows
      job.awaitCheckpoints(job.checkpoints() + 2);
      savepoint = stop(job, ids(0, 30), ids(45, 60));
    }
    assertThat(log.warnings()).singleElement().asString().contains(" 65: 5 records were deleted");

    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      send(name, 65, 70);
      stop(job, ids(0, 30), ids(45, 60), ids(65, 70));
    }
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void whereLossIsToFailTheJobFailsOnceAndNamesOffsetsAndCure() throws Exception {
    Path savepoint;
    try (RunningJob job = RunningJob.start(config(name, "earliest", "continue"))) {
      send(name, 0, 30);
      savepoint = stop(job, ids(0, 30));
    }
    send(name, 30, 60);
    topics.delete(name, 0, 45);
    CommandOutcome run = run(yaml(name, "earliest", "fail", "exponential-delay"), savepoint);
    assertThat(run.text())
        .contains(
            name + "-0: expected to go on at offset 30, the earliest there is is 45: 15 records",
            "(events.on_lost: fail). To go on at the earliest: events.on_lost: continue")
        .doesNotContain("\tat ");
    assertThat(run.code()).isEqualTo(1);
    assertThat(scored()).isEqualTo(ids(0, 30));
  }

  @Test
  void aGroupsCommittedOffsetThatIsGoneIsCounted() throws Exception {
    JobConfig config = config(name, "committed", "continue");
    send(name, 0, 30);
    try (RunningJob job = RunningJob.start(config)) {
      job.await(() -> topics.committed(name) == 30);
      Path unused = stop(job, ids(0, 30));
    }
    send(name, 30, 60);
    topics.delete(name, 0, 45);
    try (RunningJob job = RunningJob.start(config)) {
      job.await(() -> job.metric(LOST) == 15);
      Path unused = stop(job, ids(0, 30), ids(45, 60));
    }
    assertThat(log.warnings()).hasSize(1);
  }

  /** It waits for an open transaction while retention takes what is behind that. */
  @Test
  void aJobThatRetentionOvertakesCountsWhatItHasNotRead() throws Exception {
    send(name, 0, 10);
    Map<String, Object> client =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", name);
    try (RunningJob job = RunningJob.start(config(name, "latest", "continue"));
        KafkaProducer<byte[], byte[]> slow =
            new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      job.awaitCheckpoints(2);
      send(name, 10, 20);
      awaitScored(job, ids(10, 20));
      slow.initTransactions();
      slow.beginTransaction();
      slow.send(new ProducerRecord<>(name, event(20))).get();
      send(name, 21, 40);
      topics.delete(name, 0, 35);
      job.await(() -> job.metric(LOST) == 15);
      slow.commitTransaction();
      Path unused = stop(job, ids(10, 20), ids(35, 40));
    }
    assertThat(log.warnings()).hasSize(1);
  }

  @Test
  void latestIsAPlaceAndStaysWhereItWasFound() throws Exception {
    send(name, 0, 10);
    JobConfig config = config(name, "latest", "continue");
    Path savepoint;
    try (RunningJob job = RunningJob.start(config)) {
      job.awaitCheckpoints(2);
      savepoint = stop(job, List.of());
    }
    send(name, 10, 20);
    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      Path unused = stop(job, ids(10, 20));
    }
    assertThat(log.warnings()).isEmpty();
  }

  @Test
  void aNewPartitionIsReadFromItsFirstRecordWithoutARestart() throws Exception {
    try (RunningJob job = RunningJob.start(config(name, "latest", "continue"))) {
      job.awaitCheckpoints(2);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(2))).all().get();
      }
      var unused =
          topics.send(
              IntStream.range(0, 10)
                  .mapToObj(i -> new ProducerRecord<byte[], byte[]>(name, 1, null, event(i)))
                  .toList());
      Path last = stop(job, ids(0, 10));
      assertThat(last).exists();
    }
  }

  /** As a topic's that was made anew. */
  @Test
  void anOffsetBeyondTheEndMeansTheEarliestAndIsSaid() throws Exception {
    JobConfig config = config(name, "latest", "continue");
    Path savepoint;
    try (RunningJob job = RunningJob.start(config)) {
      job.awaitCheckpoints(2);
      send(name, 0, 30);
      savepoint = stop(job, ids(0, 30));
    }
    try (EmbeddedKafka others = EmbeddedKafka.start(folder.resolve(name + "-others"))) {
      for (String topic : List.of(name, name + "-scores", name + "-dead")) {
        others.createTopic(topic, 1, Map.of());
      }
      KafkaTopics there = new KafkaTopics(others.bootstrapServers());
      var unused = there.send(records(name, 100, 110));
      JobConfig moved =
          parse(
              yaml(name, "latest", "continue", "none")
                  .replace(broker.bootstrapServers(), others.bootstrapServers()));
      try (RunningJob job = RunningJob.start(moved, Optional.of(savepoint))) {
        job.await(() -> there.count(name + "-scores") == 10);
        job.stop(folder.resolve(name));
      }
    }
    assertThat(log.warnings())
        .singleElement()
        .asString()
        .contains("expected to go on at offset 30, the topic has 0 to 10 only", "other brokers");
  }

  @Test
  void anotherTopicIsRefusedUnlessItIsAllowedAndThenBeginsAtTheStart() throws Exception {
    String other = name + "-other";
    Path savepoint;
    try (RunningJob job = RunningJob.start(config(name, "earliest", "continue"))) {
      send(name, 0, 30);
      savepoint = stop(job, ids(0, 30));
    }
    send(name, 30, 40);
    send(other, 100, 110);
    CommandOutcome refused = run(yaml(other, "latest", "continue", "exponential-delay"), savepoint);
    assertThat(refused.text())
        .contains(
            "events.topic: expected the topic of the offsets in the job's state, %s, got %s;"
                .formatted(name, other),
            "--allow-new-topic",
            "without the savepoint")
        .doesNotContain("\tat ");
    assertThat(refused.code()).isEqualTo(1);

    Path file = write(yaml(other, "latest", "continue", "none"));
    String from = savepoint.toUri().toString();
    try (ChildJvm run =
        ChildJvm.start(
            Main.class,
            "run",
            "--config",
            file.toString(),
            "--from-savepoint",
            from,
            "--allow-new-topic")) {
      run.awaitLine(
          Pattern.compile(".* offset 30 of %s-0 is dropped: .*%s now".formatted(name, other)), 60);
    }

    JobConfig latest = config(other, "latest", "continue");
    try (RunningJob job = RunningJob.start(latest, Optional.of(savepoint), true)) {
      job.awaitCheckpoints(2);
      send(other, 110, 120);
      savepoint = stop(job, ids(0, 30), ids(110, 120));
    }
    assertThat(log.warnings())
        .singleElement()
        .asString()
        .contains("offset 30 of %s-0 is dropped: events.topic is %s now".formatted(name, other));

    send(other, 120, 130);
    try (RunningJob job = RunningJob.start(latest, Optional.of(savepoint))) {
      Path unused = stop(job, ids(0, 30), ids(110, 130));
    }
  }

  /** Earlier releases left names in the state of a partition without a record. */
  @Test
  @SuppressWarnings("deprecation") // the connector takes no other type
  void theNameCommittedInAnEarlierReleasesStateIsTaken() throws Exception {
    JobConfig config = config(name, "committed", "continue");
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(1, FlinkOptions.of(config));
    env.fromSource(
            KafkaSource.<RawEvent>builder()
                .setBootstrapServers(broker.bootstrapServers())
                .setTopics(name)
                .setGroupId(name)
                .setStartingOffsets(
                    OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new KafkaEvents.RecordReader())
                .build(),
            WatermarkStrategy.noWatermarks(),
            "events",
            KafkaEvents.TYPE)
        .uid("events")
        .sinkTo(new DiscardingSink<>());
    Path before = folder.resolve(name + "-earlier");
    try (LocalCluster cluster = LocalCluster.start(FlinkOptions.of(config), 1)) {
      var job = cluster.submit(env.getStreamGraph());
      cluster.awaitRunning(job);
      Thread.sleep(2000); // the partition is assigned
      cluster.stop(job, before);
    }
    send(name, 0, 10);
    Path savepoint;
    try (var made = Files.list(before)) {
      savepoint = made.findFirst().orElseThrow();
    }
    try (RunningJob job = RunningJob.start(config, Optional.of(savepoint))) {
      Path unused = stop(job, ids(0, 10));
    }
  }

  /** Stops a job with a savepoint when it has scored these events, each once, and no others. */
  @SafeVarargs
  private Path stop(RunningJob job, List<Integer>... parts) throws Exception {
    awaitScored(job, parts);
    return job.stopForRestore(folder.resolve(name + "-" + savepoints++));
  }

  @SafeVarargs
  private void awaitScored(RunningJob job, List<Integer>... parts) throws Exception {
    List<Integer> all = new ArrayList<>();
    List.of(parts).forEach(all::addAll);
    job.await(() -> scored().size() >= all.size());
    assertThat(scored()).isEqualTo(all);
  }

  private List<Integer> scored() throws Exception {
    List<Integer> ids = new ArrayList<>();
    for (var score : topics.read(name + "-scores")) {
      ids.add(Integer.parseInt(CommittedScore.parse(score.value()).eventId()));
    }
    return ids.stream().sorted().toList();
  }

  private static List<Integer> ids(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  private static void send(String topic, int from, int to) throws Exception {
    var unused = topics.send(records(topic, from, to));
  }

  private static List<ProducerRecord<byte[], byte[]>> records(String topic, int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new ProducerRecord<byte[], byte[]>(topic, event(i)))
        .toList();
  }

  private static byte[] event(int id) {
    return "{\"event_id\":\"%d\",\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}"
        .formatted(id)
        .getBytes(UTF_8);
  }

  private static CommandOutcome run(String yaml, Path savepoint) throws Exception {
    return CommandOutcome.of(
        "run",
        "--config",
        write(yaml).toString(),
        "--from-savepoint",
        savepoint.toUri().toString());
  }

  private static Path write(String yaml) throws Exception {
    return Files.writeString(Files.createTempFile(folder, "job", ".yaml"), yaml);
  }

  private JobConfig config(String topic, String start, String onLost) {
    return parse(yaml(topic, start, onLost, "none"));
  }

  private static JobConfig parse(String yaml) {
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml);
  }

  private String yaml(String topic, String start, String onLost, String restarts) {
    return """
        job: %1$s
        kafka: {bootstrap.servers: "%2$s"}
        events: {topic: %3$s, group: %1$s, start: %4$s, on_lost: %5$s}
        scores: {topic: %1$s-scores, transaction_timeout: 1min}
        dead_letters: {topic: %1$s-dead}
        model: {directory: "%6$s"}
        flink: {checkpoint_interval: 200ms, restart-strategy.type: %7$s,
                metrics.fetcher.update-interval: 100}
        """
        .formatted(name, broker.bootstrapServers(), topic, start, onLost, model, restarts);
  }
}
