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
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
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
        .contains("%,d of %,d dead letters for the same reason".formatted(DEAD, DEAD))
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
        .contains("expected version v1 in the model root for %d scores and ".formatted(gone))
        .contains("%,d of %,d scores bit for bit".formatted(SCORES - gone, SCORES));
    JsonNode finding = findings("pruned").get(0);
    assertThat(finding.get("kind").textValue()).isEqualTo("VERSION_GONE");
    int letters =
        Integer.parseInt(
            finding.get("detail").textValue().replaceAll(".* (\\d+) dead letters.*", "$1"));
    assertThat(letters).isPositive();
    assertThat(finding.get("count").intValue()).isEqualTo(gone + letters);
    assertThat(outcome.text())
        .contains("%,d of %,d dead letters for the same reason".formatted(DEAD - letters, DEAD));
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
  }

  @Test
  @Order(1)
  void aCapturedRangeGivesTheReportThatKafkaGives() throws Exception {
    Path file = folder.resolve("same.avro");
    Path job = run.jobFile("same-facts.yaml", run.root);
    String config = job.toString();
    assertThat(CommandOutcome.of("replay", "--config", config, "--capture", file.toString()).code())
        .isZero();
    List<JsonNode> facts = new ArrayList<>();
    for (String from : List.of("kafka", "file")) {
      Path json = folder.resolve(from + ".json");
      List<String> args = new ArrayList<>(List.of("replay", "--config", config, "--reproduce"));
      args.addAll(List.of("--json", json.toString(), "--findings", findingsFile(from).toString()));
      args.addAll(from.equals("file") ? List.of("--input", file.toString()) : List.of());
      assertThat(CommandOutcome.of(args.toArray(String[]::new)).code()).isZero();
      ObjectNode read = (ObjectNode) JSON.readTree(json.toFile());
      ((ObjectNode) read.get("header")).remove(List.of("created", "command"));
      facts.add(read);
    }
    // Sums of doubles depend on their order in the last digit, and on nothing else.
    assertThat(facts.get(0).equals(ReplayIT::compareAbout, facts.get(1)))
        .as("%s%n%s", facts.get(0), facts.get(1))
        .isTrue();
  }

  private static int compareAbout(JsonNode a, JsonNode b) {
    boolean about =
        a.isDouble() && b.isDouble()
            ? Math.abs(a.doubleValue() - b.doubleValue())
                <= 1e-12 * Math.max(1, Math.abs(a.doubleValue()))
            : a.equals(b);
    return about ? 0 : 1;
  }

  @Test
  @Order(1)
  void aShadowScoredAlongThroughTheRefreshes() throws Exception {
    for (ConsumerRecord<byte[], byte[]> record : run.read("scores")) {
      JsonNode score = JSON.readTree(record.value());
      assertThat(score.at("/shadow/model_version").textValue()).isEqualTo("v1");
      assertThat(score.at("/shadow/logit").equals(score.get("logit")))
          .as("%s", score)
          .isEqualTo(score.get("model_version").textValue().equals("v1"));
    }
  }

  @Test
  @Order(1)
  void aCaptureThatWasCutOrIsSomethingElseIsSaidToBe() throws Exception {
    Path whole = folder.resolve("whole.avro");
    Path job = run.jobFile("cut-capture.yaml", run.root);
    CommandOutcome.of("replay", "--config", job.toString(), "--capture", whole.toString());
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = folder.resolve("cut.avro");
    for (int length : new int[] {bytes.length / 2, bytes.length - 1, 3}) {
      Files.write(cut, Arrays.copyOf(bytes, length));
      CommandOutcome outcome = captured(job, cut);
      assertThat(outcome.text())
          .contains("cut.avro: expected a ")
          .doesNotContain("Exception", "REPRODUCED");
      assertThat(outcome.code()).isEqualTo(2);
    }
    Files.writeString(cut, "{\"event_id\":\"a\"}");
    assertThat(captured(job, cut).text()).contains("expected a file of replay --capture");
    try (DataFileWriter<Integer> other = new DataFileWriter<>(new GenericDatumWriter<>())) {
      other.create(Schema.create(Schema.Type.INT), cut.toFile());
      other.append(7);
    }
    assertThat(captured(job, cut).text()).contains("got an Avro file of something else");
  }

  /** Blocks end where a copy may be cut, and nothing of Avro's tells that more should follow. */
  @Test
  @Order(1)
  void aCaptureThatWasCutBetweenTwoBlocksIsSaidToBe() throws Exception {
    Path whole = folder.resolve("blocks.avro");
    Path job = run.jobFile("cut-blocks.yaml", run.root);
    CommandOutcome.of("replay", "--config", job.toString(), "--capture", whole.toString());
    Path cut = folder.resolve("cut-blocks.avro");
    long records;
    try (DataFileReader<GenericRecord> in =
            new DataFileReader<>(whole.toFile(), new GenericDatumReader<>());
        DataFileWriter<GenericRecord> out = new DataFileWriter<>(new GenericDatumWriter<>())) {
      out.setMeta(CaptureFile.METADATA, in.getMeta(CaptureFile.METADATA));
      out.create(CaptureFile.SCHEMA, cut.toFile());
      for (records = 0; records < RecordedRun.EVENTS + SCORES - 1; records++) {
        out.append(in.next());
      }
    }
    CommandOutcome outcome = captured(job, cut);
    assertThat(outcome.text())
        .contains(
            "expected a whole capture, got one that was cut after %,d records".formatted(records));
    assertThat(outcome.code()).isEqualTo(2);
  }

  private static CommandOutcome captured(Path job, Path file) {
    return CommandOutcome.of(
        "replay",
        "--config",
        job.toString(),
        "--reproduce",
        "--input",
        file.toString(),
        "--findings",
        findingsFile("cut-capture").toString());
  }

  @Test
  @Order(1)
  void aDeadLetterThatComesOutOtherwiseIsNamed() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> recorded = run.read("scores");
    ConsumerRecord<byte[], byte[]> lost = recorded.get(recorded.size() / 2);
    List<ProducerRecord<byte[], byte[]>> scores = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : recorded) {
      if (record != lost) {
        scores.add(
            new ProducerRecord<>(
                "scores-less", null, null, record.key(), record.value(), record.headers()));
      }
    }
    List<String> expected = new ArrayList<>();
    List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : run.read("dead")) {
      ObjectNode letter = (ObjectNode) JSON.readTree(record.value());
      letters.add(
          new ProducerRecord<>(
              "dead-other", JSON.writeValueAsBytes(letter.put("reason", "NOT_JSON"))));
      expected.add(coordinates(letter));
    }
    ObjectNode letter = JSON.createObjectNode().put("reason", "TOMBSTONE");
    letter.set("source", JSON.readTree(lost.value()).get("source"));
    letters.add(new ProducerRecord<>("dead-other", JSON.writeValueAsBytes(letter)));
    expected.add(coordinates(letter));
    broker.createTopic("scores-less", 1, Map.of());
    broker.createTopic("dead-other", 1, Map.of());
    run.send(scores);
    run.send(letters);
    Path job = run.jobFile("dead-other.yaml", run.root);
    Files.writeString(
        job,
        Files.readString(job)
            .replace("topic: scores,", "topic: scores-less,")
            .replace("topic: dead}", "topic: dead-other}"));
    Path json = folder.resolve("dead-other.json");
    CommandOutcome outcome =
        CommandOutcome.of(
            "replay",
            "--config",
            job.toString(),
            "--reproduce",
            "--json",
            json.toString(),
            "--findings",
            findingsFile("dead-other").toString());
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    assertThat(outcome.text())
        .contains("OTHER_OUTCOME %d dead letters that come out otherwise".formatted(DEAD + 1))
        .contains("0 of %,d dead letters for the same reason".formatted(DEAD + 1))
        .contains("%,d of %,d scores bit for bit".formatted(SCORES - 1, SCORES - 1));
    List<JsonNode> findings = findings("dead-other");
    assertThat(findings.stream().map(ReplayIT::coordinates))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(findings.stream().map(finding -> finding.get("detail").textValue()))
        .anyMatch(detail -> detail.contains("dead letter NOT_JSON again, got MISSING_DENSE"))
        .anyMatch(detail -> detail.contains("dead letter TOMBSTONE again, got logit"));
    JsonNode facts = JSON.readTree(json.toFile());
    assertThat(facts.get("findings").toString()).contains("dead letter NOT_JSON again");
    assertThat(facts.get("latency").toString())
        .as("of a score topic with the producers' times")
        .contains("\"stage\":\"sink\",\"rows\":0")
        .contains("\"stage\":\"queue\",\"rows\":" + (SCORES - 1));
  }

  @Test
  @Order(1)
  void aRangeIsCutByTime() throws Exception {
    List<ConsumerRecord<byte[], byte[]>> events = run.read("events");
    long from = at(events, 0, 100);
    long to = at(events, 0, 500);
    String expected =
        "events 0:[%d,%d) 1:[%d,%d)"
            .formatted(
                first(events, 0, from),
                first(events, 0, to),
                first(events, 1, from),
                first(events, 1, to));
    for (String[] bounds :
        List.of(
            new String[] {"timestamp:" + from, "timestamp:" + to},
            new String[] {
              Instant.ofEpochMilli(from).toString(),
              Instant.ofEpochMilli(to).atOffset(ZoneOffset.ofHours(2)).toString()
            })) {
      CommandOutcome outcome = reproduce(run.root, "times", "--from", bounds[0], "--to", bounds[1]);
      assertThat(outcome.text()).contains(expected, "REPRODUCED");
      assertThat(outcome.code()).isZero();
    }
    CommandOutcome late = reproduce(run.root, "late", "--from", "2100-01-01T00:00:00Z");
    assertThat(late.text()).contains("NOT reproduced: no recorded scores in the range");
    assertThat(late.code()).isEqualTo(1);
  }

  private static long at(List<ConsumerRecord<byte[], byte[]>> events, int partition, long offset) {
    return events.stream()
        .filter(record -> record.partition() == partition && record.offset() == offset)
        .findFirst()
        .orElseThrow()
        .timestamp();
  }

  private static long first(List<ConsumerRecord<byte[], byte[]>> events, int partition, long time) {
    return events.stream()
        .filter(record -> record.partition() == partition && record.timestamp() >= time)
        .mapToLong(ConsumerRecord::offset)
        .min()
        .orElse(RecordedRun.EVENTS / 2);
  }

  @Test
  @Order(1)
  void labelsOfATopicThatCameLateAndOutOfOrderAreJoined() throws Exception {
    broker.createTopic("labels", 1, Map.of());
    List<ProducerRecord<byte[], byte[]>> labels = new ArrayList<>();
    for (int i = 999; i >= 900; i--) {
      labels.add(label(i, 0));
    }
    labels.add(label(RecordedRun.EVENTS + 5, 1)); // of no event
    for (int i = 900; i < 1000; i++) {
      labels.add(label(i, 1)); // takes the first one back
    }
    run.send(labels);
    Path json = folder.resolve("labels.json");
    // Partition 0 has the even events.
    CommandOutcome outcome =
        compare(
            "labels",
            "--candidate",
            "v3",
            "--labels",
            "labels",
            "--from",
            "0:450,1:450",
            "--to",
            "0:500,1:500",
            "--json",
            json.toString());
    assertThat(outcome.code()).as(outcome.text()).isZero();
    JsonNode facts = JSON.readTree(json.toFile());
    assertThat(facts.at("/labels/rows").intValue()).isEqualTo(98); // two of the events are dead
    assertThat(facts.at("/labels/positives").intValue()).isEqualTo(98);
    assertThat(facts.at("/coverage/counts").toString())
        .containsPattern("\"unmatched_label\",[^}]*\"count\":3"); // theirs, and the one of no event
    for (String missing : List.of("lables", "/no/such/labels.jsonl")) {
      CommandOutcome none = compare("no-labels", "--candidate", "v3", "--labels", missing);
      assertThat(none.code()).isEqualTo(2);
      assertThat(none.text()).contains("topic " + missing + ": expected it on the brokers");
    }
  }

  private static ProducerRecord<byte[], byte[]> label(int event, int label) {
    return new ProducerRecord<>(
        "labels",
        "{\"event_id\":\"e%d\",\"label\":%d}"
            .formatted(event, label)
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @Order(1)
  void aCandidateOfAnotherEncodingReadsTheEventsItself() throws Exception {
    Path other = TinyModel.write(folder.resolve("other-encoding"), 2);
    Path features = other.resolve("features.json");
    Files.writeString(
        features,
        Files.readString(features).replace("\"source\":\"/metrics/x0\"", "\"source\":\"/label\""));
    Path json = folder.resolve("other-encoding.json");
    CommandOutcome outcome =
        compare(
            "other-encoding",
            "--candidate",
            other.toString(),
            "--baseline",
            "v3",
            "--json",
            json.toString());
    assertThat(outcome.text()).contains("compared      %,d events".formatted(SCORES));
    JsonNode facts = JSON.readTree(json.toFile());
    assertThat(facts.at("/difference/bit_identical_share").doubleValue()).isLessThan(0.5);
    assertThat(facts.at("/noise_floor/rows").intValue()).isEqualTo(SCORES);
    assertThat(facts.at("/noise_floor/bit_identical").intValue()).isEqualTo(SCORES);
  }

  @Test
  @Order(1)
  void versionsOfAStorageThatIsNotMountedAreReplayedWithTheirFeatureRates() throws Exception {
    Path job = run.jobFile("remote.yaml", run.root);
    Files.writeString(job, Files.readString(job).replace("root: \"", "root: \"file://"));
    Path json = folder.resolve("remote.json");
    CommandOutcome outcome =
        CommandOutcome.of(
            "replay",
            "--config",
            job.toString(),
            "--candidate",
            "v3",
            "--json",
            json.toString(),
            "--findings",
            findingsFile("remote").toString());
    assertThat(outcome.code()).as(outcome.text()).isZero();
    assertThat(JSON.readTree(json.toFile()).get("features").findValuesAsText("feature"))
        .containsExactly("x0", "x1", "c0");
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
        .contains("\"stage\":\"score\",\"rows\":" + SCORES)
        .contains("\"stage\":\"sink\",\"rows\":" + SCORES)
        .contains("\"stage\":\"total\",\"rows\":" + SCORES);
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
    String[] args = {
      "replay",
      "--config",
      job.toString(),
      "--findings",
      findingsFile("elsewhere").toString(),
      "--reproduce",
      "--require-bits"
    };
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
  void theCommandsOfTheReadmeRun() throws Exception {
    Path job = run.jobFile("readme.yaml", run.root);
    Path labels =
        Files.writeString(
            folder.resolve("readme-labels.jsonl"), "{\"event_id\":\"e1\",\"label\":1}\n");
    List<String> commands =
        Files.readAllLines(Path.of("../README.md")).stream()
            .filter(line -> line.startsWith("flink-deepfm replay "))
            .map(line -> line.replaceAll(" *#.*", "").replaceFirst("flink-deepfm ", ""))
            .toList();
    assertThat(commands).hasSize(5);
    for (String command : commands) {
      String here =
          command
              .replace("job.yaml", job.toString())
              .replace("000043", "v3")
              .replace("000042", "v2")
              .replace("exported/", run.folder.resolve("made/v3").toString())
              .replace("labels.jsonl", labels.toString())
              .replace("replay.html", folder.resolve("readme.html").toString())
              .replace("range.avro", folder.resolve("readme.avro").toString())
              .replace("0:1000,1:1000", "0:10,1:10")
              .replace("2026-01-31", "2126-01-31");
      List<String> args = new ArrayList<>(Arrays.asList(here.split(" ")));
      args.addAll(List.of("--findings", findingsFile("readme").toString()));
      CommandOutcome outcome = CommandOutcome.of(args.toArray(String[]::new));
      assertThat(outcome.text())
          .as(command)
          .containsPattern("captured +1,180 events|result +(REPRODUCED|PASSED|FAILED)");
      assertThat(outcome.code())
          .as(command)
          .isBetween(0, outcome.text().contains("FAILED") ? 1 : 0);
    }
    assertThat(folder.resolve("readme.html")).isNotEmptyFile();
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
            "x",
            "--max-psi",
            "NaN",
            "--html",
            "nowhere/replay.html",
            "--json",
            "same",
            "--findings",
            "same");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.text())
        .contains("expected one of --reproduce, --candidate, --capture")
        .contains("--baseline: expected --candidate with it")
        .contains("--from: expected offsets such as 0:100,1:250")
        .contains("--config: expected a readable file, got none.yaml")
        .contains("--max-psi: expected a finite number, got NaN")
        .contains("--html: expected a file in a writable directory, got nowhere/replay.html")
        .contains("--json: expected a file of no other option, got same")
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
    Path json = folder.resolve("spoilt.json");
    Path html = folder.resolve("spoilt.html");
    CommandOutcome outcome =
        reproduce(run.root, "spoilt", "--json", json.toString(), "--html", html.toString());
    assertThat(outcome.code()).as(outcome.text()).isEqualTo(1);
    assertThat(findings("spoilt").stream().map(f -> f.get("kind").textValue()))
        .containsExactlyInAnyOrder("DOUBLED", "UNREADABLE", "MISSING_SCORE");
    JsonNode facts = JSON.readTree(json.toFile());
    assertThat(facts.get("findings")).hasSize(3);
    assertThat(facts.at("/coverage/counts").toString())
        .containsPattern("\"doubled\",[^}]*\"count\":1")
        .containsPattern("\"unreadable\",[^}]*\"count\":1")
        .containsPattern("\"missing_score\",[^}]*\"count\":1");
    assertThat(html).content().contains("MISSING_SCORE", "UNREADABLE", "DOUBLED");
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
