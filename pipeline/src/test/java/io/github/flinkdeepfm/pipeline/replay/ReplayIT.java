package io.github.flinkdeepfm.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.flinkdeepfm.pipeline.TinyModel;
import io.github.flinkdeepfm.pipeline.broker.EmbeddedKafka;
import io.github.flinkdeepfm.pipeline.cli.CommandOutcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a job wrote to Kafka, replayed. The later tests spoil the topics. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplayIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEAD = RecordedRun.EVENTS / RecordedRun.BAD_EVERY;
  private static final int SCORES = RecordedRun.EVENTS - DEAD;

  @TempDir static Path folder;
  private static EmbeddedKafka broker;
  private static RecordedRun run;

  @BeforeAll
  static void record() throws Exception {
    broker = EmbeddedKafka.start(folder.resolve("broker"));
    run = RecordedRun.of(broker, folder);
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  @Order(1)
  void everyScoreComesOutAgainAcrossRefreshes() throws Exception {
    CommandOutcome outcome = reproduce(run.root, "whole");
    assertThat(outcome.text())
        .contains("%,d read".formatted(RecordedRun.EVENTS))
        .contains("%,d dead letters recorded".formatted(DEAD))
        .contains("%,d of %,d scores bit for bit".formatted(SCORES, SCORES))
        .contains("versions      v1, v2, v3 (3)")
        .contains("result        REPRODUCED");
    assertThat(outcome.code()).isZero();
    assertThat(findingsFile("whole")).doesNotExist();
  }

  @Test
  @Order(1)
  void aRangeIsReproducedAlone() throws Exception {
    CommandOutcome outcome =
        reproduce(run.root, "part", "--from", "0:100", "--to", "0:150,1:20", "--parallelism", "1");
    assertThat(outcome.text())
        .contains("events 0:[100,150) 1:[0,20)", "70 read", "REPRODUCED")
        .contains("outcomes of events outside the range");
    assertThat(outcome.code()).isZero();
  }

  @Test
  @Order(1)
  void aFlippedSignBitFailsExactlyTheScoresOfItsVersion() throws Exception {
    Path flipped = run.copyRoot("flipped");
    RecordedRun.flipOverArchBias(flipped.resolve("v2"));
    CommandOutcome outcome = reproduce(flipped, "flipped");
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    List<String> expected = run.coordinates("v2");
    assertThat(outcome.text())
        .contains("%,d of them by version v2".formatted(expected.size()))
        .contains("result        NOT reproduced");
    List<JsonNode> findings = findings("flipped");
    assertThat(findings)
        .allSatisfy(
            finding -> {
              assertThat(finding.get("kind").textValue()).isEqualTo("MISMATCH");
              assertThat(finding.at("/recorded/model_version").textValue()).isEqualTo("v2");
              assertThat(finding.at("/recorded/bits")).isNotEqualTo(finding.at("/replayed/bits"));
              assertThat(finding.get("event").textValue())
                  .contains("\"event_id\":" + finding.get("event_id"));
            });
    assertThat(findings.stream().map(ReplayIT::coordinates))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  @Order(1)
  void aVersionThatIsGoneIsNamedWithItsScores() throws Exception {
    Path pruned = run.copyRoot("pruned");
    Files.delete(pruned.resolve("v1/manifest.json"));
    CommandOutcome outcome = reproduce(pruned, "pruned");
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    int gone = run.coordinates("v1").size();
    assertThat(outcome.text())
        .contains("expected version v1 in the model root for %d scores".formatted(gone))
        .contains("%,d of %,d scores bit for bit".formatted(SCORES - gone, SCORES));
    JsonNode finding = findings("pruned").get(0);
    assertThat(finding.get("kind").textValue()).isEqualTo("VERSION_GONE");
    assertThat(finding.get("count").intValue()).isEqualTo(gone);
  }

  @Test
  @Order(1)
  void aCapturedRangeReplaysWithoutKafka() throws Exception {
    Path file = folder.resolve("range.avro");
    Path job = run.jobFile("captured.yaml", run.root);
    CommandOutcome captured =
        CommandOutcome.of(
            "replay", "--config", job.toString(), "--capture", file.toString(), "--to", "0:500");
    assertThat(captured.text()).contains("captured      1,100 events");
    assertThat(captured.code()).isZero();

    Files.writeString(
        job, Files.readString(job).replace(broker.bootstrapServers(), "127.0.0.1:1")); // no broker
    CommandOutcome outcome =
        CommandOutcome.of(
            "replay",
            "--config",
            job.toString(),
            "--reproduce",
            "--input",
            file.toString(),
            "--findings",
            findingsFile("captured").toString());
    assertThat(outcome.text())
        .contains("is not what it was when the range was captured")
        .contains("events 0:[0,500) 1:[0,600)", "1,100 read", "versions      v1, v2, v3 (3)")
        .contains("result        REPRODUCED");
    assertThat(outcome.code()).isZero();

    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(
            CommandOutcome.of(
                    "replay", "--config", job.toString(), "--reproduce", "--input", file.toString())
                .code())
        .isEqualTo(1);
  }

  @Test
  @Order(1)
  void aCandidateThatIsWorseFailsItsGateAndIsReported() throws Exception {
    Path html = folder.resolve("worse.html");
    Path json = folder.resolve("worse.json");
    CommandOutcome outcome =
        compare(
            "worse",
            "--candidate",
            TinyModel.write(folder.resolve("worse"), 9).toString(),
            "--max-abs-logit",
            "0.001",
            "--html",
            html.toString(),
            "--json",
            json.toString());
    assertThat(outcome.text())
        .contains("baseline      as recorded")
        .contains("compared      %,d events".formatted(SCORES))
        .contains("noise floor   %,d scores again bit for bit".formatted(SCORES))
        .contains("noise-floor-differences: threshold 0.00000, observed 0.00000: passed")
        .containsPattern("gate +max-abs-logit: .*FAILED")
        .contains("result        FAILED");
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(html).isNotEmptyFile();
    assertThat(JSON.readTree(json.toFile()).get("latency").toString())
        .contains("\"stage\":\"queue\",\"rows\":" + SCORES)
        .contains("\"stage\":\"batch\",\"rows\":" + SCORES)
        .contains("\"stage\":\"score\",\"rows\":" + SCORES);
    assertThat(JSON.readTree(json.toFile()).findValue("rows").longValue()).isEqualTo(SCORES);
  }

  @Test
  @Order(1)
  void aVersionComparedWithItselfPassesEveryGate() throws Exception {
    Path labels =
        Files.writeString(
            folder.resolve("labels.jsonl"),
            "{\"event_id\":\"e1\",\"label\":1}\n{\"event_id\":\"nobody\",\"label\":0}\n");
    Path json = folder.resolve("same.json");
    CommandOutcome outcome =
        compare(
            "same",
            "--candidate",
            "v3",
            "--baseline",
            "v3",
            "--max-abs-logit",
            "0",
            "--max-psi",
            "0",
            "--min-auc-delta",
            "0",
            "--min-bit-identical",
            "1",
            "--labels",
            labels.toString(),
            "--json",
            json.toString());
    assertThat(outcome.text())
        .contains("%,d bit-identical, largest".formatted(SCORES))
        .contains("result        PASSED");
    assertThat(outcome.code()).isZero();
    assertThat(Files.readString(json)).contains("\"unmatched_label\"");
  }

  @Test
  @Order(1)
  void scoresOfOtherArithmeticAreComparedToToleranceAndCountedApart() throws Exception {
    broker.createTopic("scores-elsewhere", 1, Map.of());
    List<ProducerRecord<byte[], byte[]>> scores = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : run.read("scores")) {
      ObjectNode score = (ObjectNode) JSON.readTree(record.value());
      score.put("logit", Math.nextUp(Float.parseFloat(score.get("logit").asText())));
      ProducerRecord<byte[], byte[]> copy =
          new ProducerRecord<>("scores-elsewhere", JSON.writeValueAsBytes(score));
      copy.headers().add("numerics", "another machine".getBytes(StandardCharsets.UTF_8));
      scores.add(copy);
    }
    run.send(scores);
    Path job = run.jobFile("elsewhere.yaml", run.root);
    Files.writeString(
        job, Files.readString(job).replace("topic: scores,", "topic: scores-elsewhere,"));
    String[] args = {"replay", "--config", job.toString(), "--reproduce", "--require-bits"};
    CommandOutcome tolerant = CommandOutcome.of(Arrays.copyOf(args, args.length - 1));
    assertThat(tolerant.text())
        .contains("OTHER_NUMERICS %,d".formatted(SCORES))
        .contains("recorded [another machine]")
        .contains("result        REPRODUCED");
    assertThat(tolerant.code()).isZero();
    assertThat(CommandOutcome.of(args).code()).isEqualTo(1);
  }

  @Test
  @Order(1)
  void wrongUsageListsEveryMistake() throws Exception {
    CommandOutcome outcome =
        CommandOutcome.of(
            "replay",
            "--config",
            "none.yaml",
            "--baseline",
            "v1",
            "--from",
            "soon",
            "--input",
            "x");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("expected one of --reproduce, --candidate, --capture")
        .contains("--baseline: expected --candidate with it")
        .contains("--from: expected offsets such as 0:100,1:250")
        .contains("--input: expected a readable file, got x");
    assertThat(compare("typo", "--candidate", "v9").code()).isEqualTo(2);
  }

  @Test
  @Order(2)
  void outcomesThatAreMissingDoubledOrOfAnotherSchemaFail() throws Exception {
    byte[] score = run.read("scores").get(0).value();
    byte[] other = "{\"user\":7,\"probability\":0.5}".getBytes(StandardCharsets.UTF_8);
    byte[] late = "{\"event_id\":\"late\",\"metrics\":{\"x1\":1}}".getBytes(StandardCharsets.UTF_8);
    run.send(
        List.of(
            new ProducerRecord<>("scores", score),
            new ProducerRecord<>("scores", other),
            new ProducerRecord<>("events", 0, null, late)));
    CommandOutcome outcome = reproduce(run.root, "spoilt");
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    assertThat(findings("spoilt").stream().map(f -> f.get("kind").textValue()))
        .containsExactlyInAnyOrder("DOUBLED", "UNREADABLE", "MISSING_SCORE");
    assertThat(outcome.text())
        .contains("if the job is still at work, replay after its next checkpoint")
        .contains("%,d of %,d scores bit for bit".formatted(SCORES, SCORES + 1));
  }

  @Test
  @Order(3)
  void scoresWhoseEventsRetentionHasDeletedAreCounted() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .deleteRecords(Map.of(new TopicPartition("events", 1), RecordsToDelete.beforeOffset(30)))
          .all()
          .get();
    }
    CommandOutcome outcome = reproduce(run.root, "cut", "--to", "0:20,1:100");
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    assertThat(outcome.text())
        .contains("RETENTION_GAP 30 events deleted by retention", "1:[30,100)");
    assertThat(reproduce(run.root, "uncut", "--from", "1:30", "--to", "0:20,1:100").text())
        .contains("1:[30,100)")
        .doesNotContain("RETENTION_GAP");
  }

  private static CommandOutcome reproduce(Path root, String name, String... more) throws Exception {
    List<String> args = new ArrayList<>(List.of("--reproduce"));
    args.addAll(Arrays.asList(more));
    return replay(root, name, args);
  }

  private static CommandOutcome compare(String name, String... more) throws Exception {
    return replay(run.root, name, Arrays.asList(more));
  }

  private static CommandOutcome replay(Path root, String name, List<String> more) throws Exception {
    List<String> args =
        new ArrayList<>(
            List.of(
                "replay",
                "--config",
                run.jobFile(name + ".yaml", root).toString(),
                "--findings",
                findingsFile(name).toString()));
    args.addAll(more);
    return CommandOutcome.of(args.toArray(String[]::new));
  }

  private static Path findingsFile(String name) {
    return folder.resolve(name + ".jsonl");
  }

  private static List<JsonNode> findings(String name) throws Exception {
    List<JsonNode> findings = new ArrayList<>();
    for (String line : Files.readAllLines(findingsFile(name))) {
      findings.add(JSON.readTree(line));
    }
    return findings;
  }

  private static String coordinates(JsonNode finding) {
    return finding.at("/source/partition") + "-" + finding.at("/source/offset");
  }
}
