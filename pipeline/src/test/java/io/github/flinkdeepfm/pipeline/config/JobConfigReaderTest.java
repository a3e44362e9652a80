package io.github.flinkdeepfm.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.device.DeviceMode;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Batch;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Events;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Flink;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Isolation;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Model;
import io.github.flinkdeepfm.pipeline.config.JobConfig.OnLost;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Refresh;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Scores;
import io.github.flinkdeepfm.pipeline.config.JobConfig.ScoringConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Start;
import io.github.flinkdeepfm.pipeline.config.JobConfig.Timestamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobConfigReaderTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("HOST", "broker", "EMPTY", "");

  private static final String SMALLEST =
      """
      job: ctr
      kafka: {bootstrap.servers: "localhost:9092"}
      events: {topic: events, group: ctr}
      scores: {topic: scores}
      dead_letters: {topic: events-dead}
      model: {root: /models/ctr}
      """;

  @Test
  void smallestConfigurationHasTheDocumentedDefaults() {
    assertThat(parse(SMALLEST))
        .isEqualTo(
            new JobConfig(
                "ctr",
                Options.of(Map.of("bootstrap.servers", "localhost:9092")),
                new Events(
                    "events", "ctr", Start.COMMITTED, OnLost.CONTINUE, Isolation.READ_COMMITTED),
                new ScoringConfig(
                    new EventMapping(
                        "/event_id",
                        "/event_time",
                        EventMapping.TimeFormat.EPOCH_MS,
                        "/label",
                        List.of(),
                        16 * 1024 * 1024,
                        65_536),
                    new Batch(1024, Duration.ofMillis(5), 65_536),
                    512 * 1024,
                    64 * 1024),
                new Scores(
                    "scores",
                    DeliveryGuarantee.EXACTLY_ONCE,
                    Duration.ofMinutes(15),
                    Timestamp.EVENT),
                "events-dead",
                new Model(
                    Optional.of("/models/ctr"),
                    Optional.empty(),
                    Optional.empty(),
                    Refresh.DEFAULT,
                    DeviceMode.AUTO,
                    List.of()),
                new Flink(1, Optional.of(Duration.ofSeconds(10)), Options.of(Map.of())),
                Optional.empty()));
  }

  @Test
  void aShadowIsAVersionOfTheRoot() {
    String shadow = SMALLEST + "\nshadow: {model_version: '000043'}\n";
    assertThat(parse(shadow).shadow()).contains("000043");
    assertThatThrownBy(() -> parse(shadow.replace("root:", "directory:")))
        .hasMessageContaining("shadow.model_version: names a version of model.root");
  }

  @Test
  void everyKeyIsRead() {
    JobConfig config =
        parse(
            """
            job: ctr
            kafka:
              bootstrap.servers: "${HOST}:9092"
              security: {protocol: SSL}
              linger.ms: 010
            events: {topic: e, group: g, start: "timestamp:2023-11-14T22:13:20Z", on_lost: fail, isolation: read_uncommitted}
            event: {id: /meta/id, time: /meta/at, time_format: iso8601, label: "/a~1b", max_bytes: 64KiB, max_ids: 7}
            output: {copy: [/user/id, "/$${x}"], max_bytes: 2KiB, payload_limit: 1KiB}
            scores: {topic: s, delivery: at_least_once, transaction_timeout: 1min, timestamp: scored}
            dead_letters: {topic: d}
            model: {root: /m, pin: 000042, device: host}
            batch: {rows: 64, linger: 1s, ids: 99}
            flink: {parallelism: 3, checkpoint_interval: off, restart-strategy.type: none}
            """);

    assertThat(config.kafka().values())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "bootstrap.servers",
                "broker:9092",
                "security.protocol",
                "SSL",
                "linger.ms",
                "010"));
    assertThat(config.events())
        .isEqualTo(
            new Events(
                "e",
                "g",
                new Start(Start.At.TIMESTAMP, 1_700_000_000_000L),
                OnLost.FAIL,
                Isolation.READ_UNCOMMITTED));
    assertThat(config.scoring())
        .isEqualTo(
            new ScoringConfig(
                new EventMapping(
                    "/meta/id",
                    "/meta/at",
                    EventMapping.TimeFormat.ISO8601,
                    "/a~1b",
                    List.of("/user/id", "/${x}"),
                    65_536,
                    7),
                new Batch(64, Duration.ofSeconds(1), 99),
                2048,
                1024));
    assertThat(config.scores())
        .isEqualTo(
            new Scores(
                "s", DeliveryGuarantee.AT_LEAST_ONCE, Duration.ofMinutes(1), Timestamp.SCORED));
    assertThat(config.model().pin()).contains("000042");
    assertThat(config.model().device()).isEqualTo(DeviceMode.HOST);
    assertThat(config.flink())
        .isEqualTo(
            new Flink(3, Optional.empty(), Options.of(Map.of("restart-strategy.type", "none"))));
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          job             | "a b"                          | job: expected letters, digits
          job             | ""                             | job: is required
          job             | [a]                            | job: expected a text, got a list
          surprise        | 1                              | surprise: unknown key; known here: job, kafka, events
          kafka           | {}                             | kafka.bootstrap.servers: is required
          kafka           | {bootstrap.servers: "${NO}"}   | kafka.bootstrap.servers: the environment variable NO is not set
          kafka           | {bootstrap.servers: "${EMPTY}"} | kafka.bootstrap.servers: is required
          kafka           | {bootstrap.servers: "${a b}"}  | kafka.bootstrap.servers: expected ${NAME}
          kafka           | {bootstrap.servers: a, group.id: g} | kafka.group.id: is set by the job; configured by events.group
          kafka           | {bootstrap.servers: a, x: [1]} | kafka.x: expected a text, got a list
          kafka           | {bootstrap.servers: a, max.request.size: 1000} | kafka.max.request.size: expected the largest output record
          events          | {topic: e}                     | events.group: is required
          events          | {topic: "e e", group: g}       | events.topic: expected a Kafka topic name
          events          | {topic: e, group: g, start: soon} | events.start: expected committed, earliest, latest
          events          | {topic: e, group: g, start: "timestamp:2023-01-01"} | events.start: expected committed
          events          | {topic: e, group: g, isolation: dirty} | events.isolation: expected read_committed or read_uncommitted, got dirty
          events          | {topic: e, group: g, start: "timestamp:2999-01-01T00:00:00Z"} | events.start: expected a time in the past (for events from now on: latest), got 2999-01-01T00:00:00Z
          events          | {topic: e, group: g, on_lost: skip} | events.on_lost: expected
          kafka           | {bootstrap.servers: b, partition.discovery.interval.ms: 10s} | kafka.partition.discovery.interval.ms: expected milliseconds (0: never), got 10s
          events          | {topic: e, group: g, stat: x}  | events.stat: unknown key; known here: topic, group, start, on_lost, isolation
          events          | text                           | events: expected a mapping, got a text
          event           | {id: event_id}                 | event.id: expected a JSON pointer
          event           | {id: "/a~2"}                   | event.id: expected a JSON pointer
          event           | {format: xml} | event.format: expected json or avro or protobuf, got xml
          event           | {schema: x.avsc} | event.schema: names a schema, which format: avro and protobuf have
          event           | {format: avro, message: M} | event.message: names a message, which format: protobuf has
          event           | {format: avro, schema: /none.avsc} | event.schema: expected a readable file, got java.nio.file.NoSuchFileException: /none.avsc
          event           | {format: avro, schema: pom.xml} | event.schema: expected an Avro schema
          event           | {format: avro, registry: {framing: confluent}} | event.registry.url: is required: Avro is read by the schema it was written with, by its id
          event           | {format: avro, registry: {url: "ftp://r"}} | event.registry.url: expected http://HOST… or https://HOST…, without user or query
          event           | {format: avro, registry: {url: "http://r", user: u}} | event.registry.user: expected user and password, or neither
          event           | {registry: {url: "http://r"}} | event.registry.url: expected none: JSON is read without its schema, framing is enough
          event           | {format: protobuf, message: M} | event.schema: expected one of the messages
          event           | {format: protobuf, registry: {url: "http://r"}} | event.registry.url: expected none: field numbers hold in all versions, event.schema is enough
          event           | {time_format: epoch}           | event.time_format: expected epoch_ms or epoch_s or iso8601, got epoch
          event           | {max_bytes: 1 furlong}         | event.max_bytes: expected a size such as
          event           | {max_bytes: 4GiB}              | event.max_bytes: expected a size such as
          event           | {max_ids: 0}                   | event.max_ids: expected an integer from 1
          output          | {copy: /a}                     | output.copy: expected a list, each a JSON pointer such as /user/id, got a text
          output          | {copy: [/a, /a]}               | output.copy[1]: expected each once, got /a again
          output          | {copy: [[]]}                   | output.copy[0]: expected a JSON pointer such as /user/id, got a list
          output          | {payload_limit: 1MiB}          | output.payload_limit: expected the largest output record
          scores          | {topic: s, delivery: maybe}    | scores.delivery: expected exactly_once or at_least_once, got maybe
          scores          | {topic: s, transaction_timeout: 15s} | scores.transaction_timeout: expected at least 2 times flink.checkpoint_interval (10000ms), got 15000ms
          flink           | {execution.checkpointing.tolerable-failed-checkpoints: 100} | scores.transaction_timeout: expected at least 102 times flink.checkpoint_interval (10000ms), because flink.execution.checkpointing.tolerable-failed-checkpoints=100 keep a transaction open, got 900000ms
          flink           | {checkpoint_interval: 1s, execution.checkpointing.tolerable-failed-checkpoints: 3, execution.checkpointing.timeout: 5min} | flink.execution.checkpointing.timeout: expected at most 224000ms with scores.transaction_timeout 900000ms and flink.checkpoint_interval 1000ms
          flink           | {execution.checkpointing.tolerable-failed-checkpoints: some} | flink.execution.checkpointing.tolerable-failed-checkpoints: expected a number of checkpoints, got some
          scores          | {topic: events}                | scores.topic: expected another topic than events.topic
          dead_letters    | {topic: events}                | dead_letters.topic: expected another topic than events.topic
          dead_letters    | {topic: scores}                | dead_letters.topic: expected another topic than scores.topic
          dead_letters    |                                | dead_letters.topic: is required
          model           | {}                             | model.root: expected exactly one of model.root and model.directory
          model           | {root: a, directory: b}        | model.root: expected exactly one
          model           | {root: a, poll: 0ms}           | model.poll: expected at least 1ms
          model           | {root: a, refresh: {at: noon}} | model.refresh.at: expected checkpoint or batch, got noon
          model           | {root: a, on_missing: guess}   | model.on_missing: expected fail or newest, got guess
          model           | {root: a, cache: {bytes: 1x}}  | model.cache.bytes: expected a size
          model           | {root: a, memory: {byte: 1}}   | model.memory.byte
          model           | {root: a, canary: {max_psi: x}} | model.canary.max_psi: expected a number
          model           | {root: a, canary: {rows: 1}}   | model.canary.rows: unknown key; known here: batches, max_psi, max_mean_shift, min_events, max_wait
          model           | {root: a, canary: {min_events: 0}} | model.canary.min_events: expected an integer from 1 to 1048576, got 0
          model           | {root: a, canary: {max_wait: 5}} | model.canary.max_wait: expected a duration such as 5ms
          model           | {root: a, allow_absent: C1}    | model.allow_absent: expected a list
          model           | {root: a, allow_absent: [C1, C1]} | model.allow_absent[1]: expected each once, got C1 again
          model           | {directory: b, pin: c}         | model.pin: names a version of model.root
          batch           | {rows: many}                   | batch.rows: expected an integer from 1 to 65536, got many
          batch           | {linger: 5}                    | batch.linger: expected a duration such as 5ms
          model           | {root: /m, storage_timeout: 10min} | model.storage_timeout: expected less than prepare_timeout (600000ms), got 600000ms
          batch           | {linger: 400d}                 | batch.linger: expected a duration such as 5ms
          flink           | {parallelism: 129}             | flink.parallelism: expected an integer from 1 to 128, got 129
          flink           | {checkpoint_interval: off}     | scores.delivery: exactly_once needs checkpoints
          flink           | {checkpoint_interval: 1ms}     | flink.checkpoint_interval: expected at least 10ms
          flink           | {paralelism: 2}                | flink.paralelism: unknown key; known here: parallelism
          flink           | {parallelism.default: 2}       | flink.parallelism.default: is set by the job; configured by flink.parallelism
          flink           | {pipeline.operator-chaining.enabled: false} | flink.pipeline.operator-chaining.enabled: expected true, got false
          flink           | {execution.checkpointing.unaligned.enabled: true} | flink.execution.checkpointing.unaligned.enabled: expected false
          flink           | {execution.checkpointing.mode: AT_LEAST_ONCE} | flink.execution.checkpointing.mode: expected exactly_once
          """)
  void aMistakeIsNamed(String section, String value, String problem) {
    assertThat(problems(with(section, value == null ? "" : value)))
        .first()
        .asString()
        .startsWith(problem);
  }

  @Test
  void refreshingAtCheckpointsNeedsCheckpoints() {
    String off =
        with("flink", "{checkpoint_interval: off}")
            .replace("scores: {", "scores: {delivery: at_least_once, ");

    assertThat(problems(off))
        .singleElement()
        .asString()
        .startsWith("model.refresh.at: checkpoint needs checkpoints");
    parse(off.replace("root: /models/ctr", "root: /models/ctr, pin: v1"));
    assertThat(
            parse(off.replace("ctr}\nflink", "ctr, refresh: {at: batch}}\nflink"))
                .model()
                .refresh()
                .at())
        .isEqualTo(RefreshSettings.At.BATCH);
  }

  @Test
  void everyRefreshKeyIsRead() {
    String model =
        """
        {root: /m, poll: 5s, prepare_timeout: 1min, storage_timeout: 7s, refresh: {at: batch}, on_missing: newest,
         cache: {dir: /c, bytes: 3GiB}, memory: {bytes: 2GiB}, canary: {batches: 4, max_psi: 0.5, max_mean_shift: 1, min_events: 7, max_wait: 3s},
         allow_absent: [I3, C7]}
        """;

    assertThat(parse(with("model", model)).model().refresh())
        .isEqualTo(
            new Refresh(
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(7),
                RefreshSettings.At.BATCH,
                JobConfig.OnMissing.NEWEST,
                Optional.of("/c"),
                3L << 30,
                2L << 30,
                Optional.of(new RefreshSettings.Canary(4, 0.5, 1, 7, 3_000))));
    assertThat(parse(with("model", model)).model().allowAbsent()).containsExactly("I3", "C7");
    assertThat(parse(with("model", "{root: /m, canary: {batches: 2}}")).model().refresh().canary())
        .contains(new RefreshSettings.Canary(2, 0.25, 0.1, 100, 60_000));
  }

  @Test
  void allMistakesAreListedAtOnce() {
    assertThat(problems("batch: {rows: 0, linger: x}\nsurprise: 1\n"))
        .extracting(problem -> problem.substring(0, problem.indexOf(':')))
        .containsExactly(
            "job",
            "kafka.bootstrap.servers",
            "events.topic",
            "events.group",
            "batch.rows",
            "batch.linger",
            "scores.topic",
            "dead_letters.topic",
            "model.root",
            "surprise");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'a: 1\na: 2'       | Duplicate field 'a'
          'a: [1'            | expected YAML
          '- a'              | expected a mapping of sections
          'a: &x 1\nb: *x'   | expected no YAML alias, got *x
          'a: 1\n---\nb: 1'  | expected one YAML document
          """)
  void aTextThatIsNoMappingIsRefused(String yaml, String problem) {
    assertThatThrownBy(() -> parse(yaml.replace("\\n", "\n")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageStartingWith("job.yaml: ")
        .hasMessageContaining(problem);
  }

  @Test
  void secretsAreNotPrinted() {
    JobConfig config =
        parse(
            with(
                "kafka",
                """
                {bootstrap.servers: visible, sasl.jaas.config: hidden1, ssl.key.password: hidden2,
                 ssl.keystore.key: hidden3, sasl.oauthbearer.client.credentials.client.secret: hidden4,
                 security.protocol: SASL_SSL}
                flink: {s3.secret-key: hidden5, s3.access-key: hidden6}
                """));

    assertThat(config.toString())
        .contains("visible", "SASL_SSL", "sasl.jaas.config=******", "s3.secret-key=******")
        .doesNotContain("hidden");
    assertThat(config.kafka().toProperties()).containsEntry("sasl.jaas.config", "hidden1");
  }

  @Test
  void aRegistrysSecretsAreNotPrinted() {
    JobConfigReader reader = new JobConfigReader(Map.of());
    JobConfig config =
        reader.parse(
            "job.yaml",
            with("event", "{format: avro, registry: {url: \"http://r\", token: hidden1}}"));

    assertThat(config.toString()).contains("http://r").doesNotContain("hidden");
    assertThat(reader.hide("HTTP 500: hidden1 expired")).isEqualTo("HTTP 500: ****** expired");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"object\",\"properties\":{}}",
        "{\"$ref\":\"#/a\"}",
        "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[null]}",
        "\"long\"",
        "7"
      })
  void aSchemaFileThatIsNoAvroRecordIsAMistake(String schema, @TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("event.avsc");
    Files.writeString(file, schema);

    assertThat(problems(with("event", "{format: avro, schema: " + file + "}")))
        .singleElement(STRING)
        .matches("event.schema: expected (an Avro schema|the schema of a record), got .+");
  }

  @Test
  void scoringNeedsNeitherBrokerNorModel(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("job.yaml");
    Files.writeString(file, "event: {id: /id}\nkafka: {password: \"${NO}\"}\n");

    assertThat(new JobConfigReader(ENVIRONMENT).readScoring(file).event().id()).isEqualTo("/id");
  }

  @Test
  void aMissingFileIsNamed(@TempDir Path folder) {
    assertThatThrownBy(() -> new JobConfigReader(ENVIRONMENT).read(folder.resolve("none.yaml")))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("none.yaml: no such file");
  }

  private static JobConfig parse(String yaml) {
    return new JobConfigReader(ENVIRONMENT).parse("job.yaml", yaml);
  }

  private static List<String> problems(String yaml) {
    return catchThrowableOfType(InvalidConfigurationException.class, () -> parse(yaml)).problems();
  }

  /** The smallest configuration with one section replaced or added. */
  private static String with(String section, String value) {
    return SMALLEST.replaceAll("(?m)^" + section + ":.*\n", "") + section + ": " + value + "\n";
  }

  @Test
  void whatCameFromTheEnvironmentIsNotShownInAMistakeOrAnyOtherText() {
    JobConfigReader reader =
        new JobConfigReader(Map.of("TOPIC", "se cret topic", "PASSWORD", "hunter2", "ROWS", "12x"));
    String yaml =
        """
        job: ctr
        kafka: {bootstrap.servers: "b:1", ssl.key.password: "hidden-by-key",
                sasl.jaas.config: 'x.Login required user="ann7" password="${PASSWORD}";'}
        events: {topic: "${TOPIC}", group: g}
        scores: {topic: s}
        dead_letters: {topic: d}
        model: {directory: /m}
        batch: {rows: "${ROWS}"}
        """;
    assertThatThrownBy(() -> reader.parse("job.yaml", yaml))
        .hasMessageContaining("events.topic: expected")
        .hasMessageContaining("got ${TOPIC}")
        .hasMessageContaining("got 12x") // too short to be hidden in every text
        .message()
        .doesNotContain("se cret");
    assertThat(reader.hide("login ann7 failed, password=hunter2 hidden-by-key"))
        .isEqualTo("login ****** failed, password=${PASSWORD} ******");
  }

  @Test
  void brokenYamlDoesNotShowTheSecretsAroundIt() {
    String yaml = "kafka:\n  sasl.jaas.config: \"pass=hunter2\" oops\n";

    assertThatThrownBy(() -> new JobConfigReader(Map.of()).parse("job.yaml", yaml))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("line 2")
        .hasMessageNotContaining("hunter2");
  }
}
