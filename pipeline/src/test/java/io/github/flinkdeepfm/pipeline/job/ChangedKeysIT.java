package io.github.flinkdeepfm.pipeline.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishOptions;
import io.github.flinkdeepfm.pipeline.CommittedScore;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a key of job.yaml means that is another when a job goes on from a savepoint: the guide's
 * table, row by row. Rows that {@link RestoredOffsetsIT} tests are not tested again.
 */
@Timeout(300)
class ChangedKeysIT {
  private static final int PARTITIONS = 2;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;
  private static KafkaTopics topics;
  private static Path root;
  private static int tests;

  private final Map<String, String> keys = new HashMap<>();
  private String name;
  private int savepoints;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    topics = new KafkaTopics(broker.bootstrapServers());
    root = folder.resolve("root");
    ModelPublisher publisher =
        new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard());
    for (int seed = 1; seed <= 2; seed++) {
      Path made = TinyModel.write(folder.resolve("made" + seed), seed);
      publisher.publish(made, PublishOptions.DEFAULT.withVersion("v" + seed));
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @BeforeEach
  void base() {
    name = "k" + tests++;
    for (String topic : List.of(name, scores(), scores() + "2", name + "-dead", name + "-dead2")) {
      broker.createTopic(topic, PARTITIONS, Map.of());
    }
    keys.put("job", name);
    keys.put("group", name);
    keys.put("start", "earliest");
    keys.put("isolation", "read_committed");
    keys.put("id", "/event_id");
    keys.put("scores", scores());
    keys.put("dead", name + "-dead");
    keys.put("delivery", "exactly_once");
    keys.put("model", "root: \"%s\", poll: 50ms".formatted(root));
    keys.put("rows", "4");
    keys.put("parallelism", "2");
    keys.put("interval", "200ms");
    keys.put("max", "128");
  }

  @Test
  void offsetsAreKeptAndWhatBecomesOfEventsIsApplied() throws Exception {
    send(0, 20);
    Path savepoint;
    try (RunningJob job = RunningJob.start(config())) {
      job.await(() -> ids(scores()).size() >= 20);
      savepoint = stop(job);
    }
    send(20, 40);
    Map<String, Object> client =
        Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", name + "-open");
    try (KafkaProducer<byte[], byte[]> open =
        new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      open.initTransactions();
      open.beginTransaction();
      open.send(event(40)).get();
      open.send(new ProducerRecord<>(name, 0, null, "no event".getBytes(UTF_8))).get();
      keys.put("group", name + "-2");
      keys.put("start", "latest");
      keys.put("isolation", "read_uncommitted");
      keys.put("id", "/other_id");
      keys.put("scores", scores() + "2");
      keys.put("dead", name + "-dead2");
      keys.put("rows", "64");
      keys.put("parallelism", "3");
      try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
        job.await(() -> topics.count(name + "-dead2") >= 1);
        job.await(() -> ids(scores() + "2").size() >= 21);
        job.await(() -> topics.committed(name + "-2") == 42);
        savepoint = stop(job);
      }
    }
    assertThat(ids(scores())).isEqualTo(numbers(0, 20));
    assertThat(ids(scores() + "2")).isEqualTo(numbers(1020, 1041));
    assertThat(topics.count(name + "-dead")).isZero();

    send(41, 60);
    keys.put("delivery", "at_least_once");
    keys.put("parallelism", "1");
    try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
      job.await(() -> ids(scores() + "2").size() >= 40);
      savepoint = stop(job);
    }
    assertThat(ids(scores() + "2")).isEqualTo(numbers(1020, 1060));

    send(60, 80);
    keys.put("delivery", "exactly_once");
    try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
      job.await(() -> ids(scores() + "2").size() >= 60);
      savepoint = stop(job);
    }
    assertThat(ids(scores() + "2")).isEqualTo(numbers(1020, 1080));
    assertThat(topics.count(name + "-dead2")).isEqualTo(1);

    keys.put("max", "64");
    Optional<Path> last = Optional.of(savepoint);
    assertThatThrownBy(() -> RunningJob.start(config(), last))
        .hasStackTraceContaining("with max parallelism 128 to new program with max parallelism 64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"job", "scores", "delivery"})
  void whatTheSavepointHasLeftToCommitIsCommitted(String key) throws Exception {
    keys.put("interval", "5min");
    send(0, 20);
    Path savepoint;
    try (RunningJob job = RunningJob.start(config())) {
      job.await(() -> topics.end(scores()) >= 20);
      savepoint = job.cancelWithSavepoint(folder.resolve(name));
    }
    assertThat(topics.count(scores())).as("committed before").isZero();
    send(20, 30);
    keys.put("interval", "200ms");
    keys.put(
        key,
        switch (key) {
          case "job" -> name + "-new";
          case "scores" -> scores() + "2";
          default -> "at_least_once";
        });
    try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
      job.await(() -> topics.count(scores(), scores() + "2") >= 30);
      Path unused = stop(job);
    }
    int old = key.equals("scores") ? 20 : 30;
    assertThat(ids(scores())).isEqualTo(numbers(0, old));
    assertThat(ids(scores() + "2")).isEqualTo(numbers(old, 30));
  }

  @Test
  void rootDirectoryAndPinDecideOverTheSavepointsVersion() throws Exception {
    Path directory = TinyModel.write(folder.resolve("fixed"));
    String follows = keys.get("model");
    String pinned = follows + ", pin: v1";
    Path savepoint;
    keys.put("model", pinned);
    try (RunningJob job = RunningJob.start(config())) {
      assertThat(versionOfTheNext(job)).isEqualTo("v1");
      savepoint = stop(job);
    }
    keys.put("model", follows);
    try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
      job.await(() -> versionOfTheNext(job).equals("v2"));
      savepoint = stop(job);
    }
    keys.put("model", pinned);
    savepoint = assertVersionFrom(savepoint, "v1");
    keys.put("model", "directory: \"%s\"".formatted(directory));
    savepoint = assertVersionFrom(savepoint, "fixed");
    keys.put("model", follows);
    Optional<Path> ofDirectory = Optional.of(savepoint);
    assertThatThrownBy(
            () -> {
              try (RunningJob job = RunningJob.start(config(), ofDirectory)) {
                job.await(() -> false); // until it fails
              }
            })
        .hasStackTraceContaining("expected model fixed, which the job starts with");
    keys.put("model", follows + ", on_missing: newest");
    Path unused = assertVersionFrom(savepoint, "v2");
    assertThat(ids(scores())).doesNotHaveDuplicates();
  }

  private Path assertVersionFrom(Path savepoint, String version) throws Exception {
    try (RunningJob job = RunningJob.start(config(), Optional.of(savepoint))) {
      assertThat(versionOfTheNext(job)).isEqualTo(version);
      return stop(job);
    }
  }

  /** Sends one event more. */
  private String versionOfTheNext(RunningJob job) throws Exception {
    int before = topics.count(scores());
    send(before, before + 1);
    job.await(() -> topics.count(scores()) > before);
    assertThat(ids(scores())).isEqualTo(numbers(0, before + 1));
    for (var score : topics.read(scores())) {
      CommittedScore parsed = CommittedScore.parse(score.value());
      if (Integer.parseInt(parsed.eventId()) == before) {
        return parsed.version();
      }
    }
    throw new AssertionError("no score of event " + before);
  }

  private Path stop(RunningJob job) throws Exception {
    return job.stopForRestore(folder.resolve(name + "-" + savepoints++));
  }

  private String scores() {
    return name + "-scores";
  }

  private static List<Integer> ids(String topic) throws Exception {
    List<Integer> ids = new ArrayList<>();
    for (var score : topics.read(topic)) {
      ids.add(Integer.parseInt(CommittedScore.parse(score.value()).eventId()));
    }
    return ids.stream().sorted().toList();
  }

  private static List<Integer> numbers(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  private void send(int from, int to) throws Exception {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = from; i < to; i++) {
      records.add(event(i));
    }
    var unused = topics.send(records);
  }

  private ProducerRecord<byte[], byte[]> event(int i) {
    String event =
        "{\"event_id\":\"%d\",\"other_id\":\"%d\",\"metrics\":{\"x1\":1},\"ids\":{\"c0\":[1]}}"
            .formatted(i, i + 1000);
    return new ProducerRecord<>(name, i % PARTITIONS, null, event.getBytes(UTF_8));
  }

  private JobConfig config() {
    String yaml =
        """
        job: ${job}
        kafka: {bootstrap.servers: "%s"}
        events: {topic: %s, group: ${group}, start: ${start}, isolation: ${isolation}}
        event: {id: ${id}}
        scores: {topic: ${scores}, delivery: ${delivery}, transaction_timeout: 14min}
        dead_letters: {topic: ${dead}}
        model: {${model}}
        batch: {rows: ${rows}}
        flink: {parallelism: ${parallelism}, checkpoint_interval: ${interval}, restart-strategy.type: none,
                pipeline.max-parallelism: ${max}}
        """
            .formatted(broker.bootstrapServers(), name);
    for (Map.Entry<String, String> key : keys.entrySet()) {
      yaml = yaml.replace("${" + key.getKey() + "}", key.getValue());
    }
    return new JobConfigReader(Map.of()).parse("job.yaml", yaml);
  }
}
