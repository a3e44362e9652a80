package io.github.flinkdeepfm.sql;

import static org.apache.flink.table.api.Expressions.$;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.job.FlinkOptions;
import io.github.flinkdeepfm.pipeline.job.LocalCluster;
import io.github.flinkdeepfm.pipeline.job.ModelLocator;
import io.github.flinkdeepfm.pipeline.job.ScoringJob;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.types.ColumnList;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The model provider on Kafka tables, against the job on the same topic. */
@Timeout(180)
class SqlModelIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 300;

  @TempDir static Path folder;
  private static Path root;
  private static EmbeddedKafka broker;
  private static KafkaLines topics;

  /** Bits of each event's logit by the job, by version. */
  private static final Map<String, Map<String, Integer>> EXPECTED = new HashMap<>();

  @BeforeAll
  static void scoreWithTheJob() throws Exception {
    root = folder.resolve("root");
    SqlModel.publish(root, "v1", SqlModel.write(folder.resolve("v1"), 1, SqlModel.FEATURES));
    SqlModel.write(folder.resolve("v2"), 2, SqlModel.FEATURES);
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    topics = new KafkaLines(broker.bootstrapServers());
    for (String topic : List.of("events", "sql-scores", "dead", "endless", "bad")) {
      broker.createTopic(topic, 1, Map.of());
    }
    topics.send("events", IntStream.range(0, EVENTS).mapToObj(SqlModel::event).toList());
    for (String version : List.of("v1", "v2")) {
      EXPECTED.put(version, runJob(version));
    }
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  private static Map<String, Integer> runJob(String version) throws Exception {
    String scores = "job-scores-" + version;
    broker.createTopic(scores, 1, Map.of());
    JobConfig config =
        new JobConfigReader(Map.of())
            .parse(
                "job.yaml",
                """
                job: %s
                kafka: {bootstrap.servers: "%s"}
                events: {topic: events, group: %s}
                scores: {topic: %s, delivery: at_least_once}
                dead_letters: {topic: dead}
                model: {directory: "%s"}
                flink: {checkpoint_interval: off}
                """
                    .formatted(
                        version,
                        broker.bootstrapServers(),
                        version,
                        scores,
                        folder.resolve(version)));
    Configuration options = FlinkOptions.of(config);
    try (LocalCluster cluster = LocalCluster.start(options, 1)) {
      StreamExecutionEnvironment env =
          StreamExecutionEnvironment.createLocalEnvironment(1, options);
      ScoringJob.define(
          env,
          config,
          ScoringJob.settings(config, ModelLocator.locate(config.model(), Optional.empty())));
      JobID job = cluster.submit(env.getStreamGraph());
      Map<String, Integer> logits = new HashMap<>();
      for (String line : topics.read(scores, EVENTS)) {
        JsonNode score = JSON.readTree(line);
        logits.put(score.get("event_id").textValue(), bits(score.get("logit")));
      }
      cluster.cancel(job);
      assertThat(logits).hasSize(EVENTS);
      return logits;
    }
  }

  private static int bits(JsonNode number) {
    return Float.floatToRawIntBits(Float.parseFloat(number.asText()));
  }

  private static StreamTableEnvironment environment() {
    Configuration options = new Configuration();
    options.set(RestOptions.BIND_PORT, "0");
    options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    return StreamTableEnvironment.create(
        StreamExecutionEnvironment.createLocalEnvironment(1, options));
  }

  /** The statements that the README prints, at this test's broker and model root. */
  private static List<String> readme() throws Exception {
    return List.of(
        Readme.statements()
            .replace("localhost:9092", broker.bootstrapServers())
            .replace("/models/ctr", root.toString())
            .split(";\\s*"));
  }

  /** The README's events, its topic to be read to its end, and its model with other options. */
  private static StreamTableEnvironment tables(String topic, String modelOptions) throws Exception {
    StreamTableEnvironment tables = environment();
    List<String> statements = readme();
    tables.executeSql(
        statements
            .get(0)
            .replace("'topic'='events'", "'topic'='" + topic + "'")
            .replace("'format'='json'", "'format'='json', 'scan.bounded.mode'='latest-offset'"));
    tables.executeSql(statements.get(2).replace("'provider'", modelOptions + "'provider'"));
    return tables;
  }

  private static final String QUERY =
      "SELECT event_id, logit, score, model_version"
          + " FROM ML_PREDICT(TABLE events, MODEL ctr, DESCRIPTOR(I1, I2, C1, C2)%s)";

  /** Without it the planner takes the asynchronous function. */
  private static final String ROW_BY_ROW = ", MAP['async', 'false']";

  private static void assertBitsOfTheJob(TableResult result) throws Exception {
    Map<String, Integer> logits = new HashMap<>();
    try (CloseableIterator<Row> rows = result.collect()) {
      rows.forEachRemaining(
          row -> {
            float logit = (Float) row.getField("logit");
            assertThat((Float) row.getField("score")).isBetween(0f, 1f);
            assertThat(row.getField("model_version")).isEqualTo("v1");
            logits.put((String) row.getField("event_id"), Float.floatToRawIntBits(logit));
          });
    }
    assertThat(logits).isEqualTo(EXPECTED.get("v1"));
  }

  @Test
  void theExampleOfTheReadmeGivesTheBitsOfTheJob() throws Exception {
    StreamTableEnvironment tables = environment();
    TableResult insert = null;
    for (String statement : readme()) {
      insert = tables.executeSql(statement);
    }
    Map<String, Integer> logits = new HashMap<>();
    for (String line : topics.read("sql-scores", EVENTS)) {
      JsonNode score = JSON.readTree(line);
      logits.put(score.get("event_id").textValue(), bits(score.get("logit")));
      assertThat(score.get("model_version").textValue()).isEqualTo("v1");
    }
    insert.getJobClient().orElseThrow().cancel().get();
    assertThat(logits).isEqualTo(EXPECTED.get("v1"));
  }

  @Test
  void rowByRowGivesTheSameBits() throws Exception {
    StreamTableEnvironment tables = tables("events", "");
    String query = QUERY.formatted(ROW_BY_ROW);
    tables.executeSql(readme().get(1));
    assertThat(tables.compilePlanSql("INSERT INTO sql_scores " + query).asJsonString())
        .contains("\"asyncOptions\" : null");
    assertBitsOfTheJob(tables.executeSql(query));
  }

  @Test
  void theTableApiGivesTheSameBits() throws Exception {
    StreamTableEnvironment tables = tables("events", "'batch.linger'='2 ms', ");
    Table scores =
        tables
            .fromModel("ctr")
            .predict(
                tables.from("events"),
                ColumnList.of("I1", "I2", "C1", "C2"),
                Map.of("async", "true", "output-mode", "ALLOW_UNORDERED"))
            .select($("event_id"), $("logit"), $("score"), $("model_version"));
    assertBitsOfTheJob(scores.execute());
  }

  @Test
  void aNewVersionIsTakenBetweenRequestsWhileTheQueryRuns() throws Exception {
    Path own = folder.resolve("refreshed");
    SqlModel.publish(own, "v1", folder.resolve("v1"));
    for (String config : List.of(ROW_BY_ROW, "")) {
      StreamTableEnvironment tables = environment();
      tables.executeSql(readme().get(0).replace("'topic'='events'", "'topic'='endless'"));
      tables.executeSql(
          readme()
              .get(2)
              .replace(root.toString(), own.toString())
              .replace(
                  "'provider'",
                  "'poll'='20 ms', 'cache.dir'='%s', 'provider'"
                      .formatted(folder.resolve("cache"))));
      String newest = config.equals(ROW_BY_ROW) ? "v2" : "v1-again";
      String before = config.equals(ROW_BY_ROW) ? "v1" : "v2";
      TreeSet<String> seen = new TreeSet<>();
      try (CloseableIterator<Row> rows = tables.executeSql(QUERY.formatted(config)).collect()) {
        topics.send("endless", List.of(SqlModel.event(0)));
        for (int sent = 1; !seen.contains(newest); sent++) {
          topics.send("endless", List.of(SqlModel.event(sent % EVENTS)));
          Row row = rows.next();
          String version = (String) row.getField("model_version");
          if (seen.add(version) && version.equals(before)) {
            SqlModel.publish(own, newest, folder.resolve(config.equals(ROW_BY_ROW) ? "v2" : "v1"));
          }
          assertThat(Float.floatToRawIntBits((Float) row.getField("logit")))
              .isEqualTo(
                  EXPECTED.get(version.substring(0, 2)).get((String) row.getField("event_id")));
        }
      }
      assertThat(seen).containsExactlyInAnyOrder(before, newest);
    }
  }

  @Test
  void aRowThatCannotBeScoredFailsTheQueryOrIsNull() throws Exception {
    topics.send(
        "bad",
        List.of(
            SqlModel.event(1),
            "{\"event_id\":\"bad\",\"dense\":{\"I2\":1},\"sparse\":{\"C1\":[100]}}",
            SqlModel.event(2)));
    for (String config : List.of(ROW_BY_ROW, "")) {
      assertThatThrownBy(
              () -> {
                try (CloseableIterator<Row> rows =
                    tables("bad", "").executeSql(QUERY.formatted(config)).collect()) {
                  rows.forEachRemaining(row -> {});
                }
              })
          .hasStackTraceContaining(
              "a row cannot be scored with model v1: ID_OUT_OF_RANGE: expected an id from 0 to 99,"
                  + " got 100 (/sparse/C1)");
      Map<Object, Row> all = new HashMap<>();
      try (CloseableIterator<Row> rows =
          tables("bad", "'on-error'='null', ").executeSql(QUERY.formatted(config)).collect()) {
        rows.forEachRemaining(row -> all.put(row.getField("event_id"), row));
      }
      assertThat(all).containsOnlyKeys("e1", "bad", "e2");
      assertThat(all.get("bad").getField("logit")).isNull();
      assertThat(all.get("bad").getField("score")).isNull();
      assertThat(all.get("bad").getField("model_version")).isEqualTo("v1");
      assertThat(Float.floatToRawIntBits((Float) all.get("e2").getField("logit")))
          .isEqualTo(EXPECTED.get("v1").get("e2"));
    }
  }
}
