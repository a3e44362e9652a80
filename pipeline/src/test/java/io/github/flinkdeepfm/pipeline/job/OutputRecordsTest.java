package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.config.JobConfigReader;
import io.github.flinkdeepfm.pipeline.topics.TopicLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputRecordsTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final byte[] KEY = {1, 2};
  private static final SourceCoordinates EVENT = new SourceCoordinates("events", 0, 1);

  private final Counter replaced = new SimpleCounter();
  private String timestamp = "";
  private int payloadLimit = 100;
  private TopicLimits limits = TopicLimits.DEFAULT;

  @Test
  void aScoreKeepsKeyAndHeadersAndTellsItsNumerics() throws Exception {
    ProducerRecord<byte[], byte[]> record =
        score(NOW - 5, new EventHeader("trace", KEY), new EventHeader("numerics", KEY));

    assertThat(record.topic()).isEqualTo("scores");
    assertThat(record.partition()).isNull();
    assertThat(record.key()).isEqualTo(KEY);
    assertThat(record.timestamp()).isEqualTo(NOW - 5);
    assertThat(record.headers().toArray())
        .extracting(Header::key)
        .containsExactly("trace", "numerics");
    assertThat(record.headers().lastHeader("numerics").value())
        .isEqualTo("cpu/1".getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, NOW, 0",
    "-9223372036854775808, NOW, 0",
    "0, NOW, 1",
    "1700000000, NOW, 1",
    "9223372036854775807, NOW, 1"
  })
  void aTimeThatTheTopicDoesNotKeepBecomesTheScoringTimeAndCounts(
      long time, String expected, int counted) throws Exception {
    assertThat(score(time).timestamp())
        .isEqualTo(expected.equals("NOW") ? NOW : Long.parseLong(expected));
    assertThat(replaced.getCount()).isEqualTo(counted);
  }

  @Test
  void untilTheTopicIsKnownKafkasDefaultsCount() throws Exception {
    long halfRetention = Duration.ofDays(7).toMillis() / 2;
    assertThat(score(NOW - halfRetention).timestamp()).isEqualTo(NOW - halfRetention);
    assertThat(score(NOW - halfRetention - 1).timestamp()).isEqualTo(NOW);
    long ahead = Duration.ofMinutes(59).toMillis();
    assertThat(score(NOW + ahead).timestamp()).isEqualTo(NOW + ahead);
    assertThat(score(NOW + ahead + 1).timestamp()).isEqualTo(NOW);
    assertThat(replaced.getCount()).isEqualTo(2);
  }

  @Test
  void aJobMayAskForTheScoringTimeAlways() throws Exception {
    timestamp = ", timestamp: scored";
    assertThat(score(NOW - 5).timestamp()).isEqualTo(NOW);
    assertThat(deadLetter(NOW - 5).timestamp()).isEqualTo(NOW);
    assertThat(replaced.getCount()).isZero();
  }

  @Test
  void aDeadLetterKeepsKeyHeadersAndRecordTime() throws Exception {
    ProducerRecord<byte[], byte[]> record = deadLetter(NOW - 7, new EventHeader("trace", null));

    assertThat(record.key()).isEqualTo(KEY);
    assertThat(record.timestamp()).isEqualTo(NOW - 7);
    assertThat(record.headers().toArray()).extracting(Header::key).containsExactly("trace");
  }

  @Test
  void aDeadLetterLeavesOutHeadersThatNoRecordCanCarry() throws Exception {
    ProducerRecord<byte[], byte[]> record =
        deadLetter(NOW - 7, new EventHeader("large", new byte[600 << 10]));

    assertThat(record.key()).isNull();
    assertThat(record.headers().toArray()).isEmpty();
  }

  @Test
  void aTopicThatHasToHaveKeysGetsTheEventsCoordinates() throws Exception {
    limits = new TopicLimits(0, 0, 1 << 20, true);
    assertThat(deadLetter(NOW).key()).isEqualTo(KEY);
    RawEvent keyless = new RawEvent(EVENT, NOW, null, new byte[1], new EventHeader[0]);
    assertThat(deadLetter(keyless, "detail").key())
        .isEqualTo("events-0-1".getBytes(StandardCharsets.UTF_8));
  }

  /** Down to the smallest limit with which a job starts. */
  @ParameterizedTest
  @CsvSource({"4032, 0", "4032, 3000", "19688, 0", "19688, 3000", "19688, 15000", "100000, 30000"})
  void aDeadLetterIsCutToWhatItsTopicTakes(int most, int headerBytes) throws Exception {
    payloadLimit = 64 << 10;
    limits = new TopicLimits(0, 0, most, true);
    for (String detail : List.of("detail", "\u0001".repeat(2000))) {
      for (int bytes = 0; bytes < 80_000; bytes = bytes * 3 / 2 + 1) {
        EventHeader[] headers = {new EventHeader("h", new byte[headerBytes])};
        RawEvent event = new RawEvent(EVENT, NOW, null, new byte[bytes], headers);
        ProducerRecord<byte[], byte[]> record = deadLetter(event, detail);
        assertThat(
                AbstractRecords.estimateSizeInBytesUpperBound(
                    RecordBatch.CURRENT_MAGIC_VALUE,
                    CompressionType.NONE,
                    record.key(),
                    record.value(),
                    record.headers().toArray()))
            .isLessThanOrEqualTo(most);
        assertThat(record.headers().toArray()).hasSize(headerBytes <= most / 2 - 15 ? 1 : 0);
        JsonNode json = new ObjectMapper().readTree(record.value());
        int payload = json.get("payload").binaryValue().length;
        if (payload < bytes) {
          assertThat(json.get("payload_length").intValue()).isEqualTo(bytes);
          int unused =
              most - record.value().length - record.headers().toArray().length * headerBytes;
          assertThat(detail.length() > 10 || unused < 300).as("unused bytes: " + unused).isTrue();
        }
      }
    }
  }

  private ProducerRecord<byte[], byte[]> score(long time, EventHeader... headers) throws Exception {
    ScoreRecords records = new ScoreRecords(topic("scores"), List.of());
    records.open(null, null);
    return records.serialize(
        new ScoredEvent(
            event(NOW - 7, headers), "id", time, 0f, 0.5f, "v1", "cpu/1", NOW, null, new byte[0][]),
        null,
        null);
  }

  private ProducerRecord<byte[], byte[]> deadLetter(long time, EventHeader... headers)
      throws Exception {
    return deadLetter(event(time, headers), "detail");
  }

  private ProducerRecord<byte[], byte[]> deadLetter(RawEvent event, String detail)
      throws Exception {
    DeadLetterRecords records = new DeadLetterRecords(topic("dead"), payloadLimit);
    records.open(null, null);
    return records.serialize(
        new DeadLetter(event, DeadLetterReason.EMPTY, detail, NOW), null, null);
  }

  private OutputTopic topic(String name) {
    String yaml =
        """
        job: ctr
        kafka: {bootstrap.servers: "localhost:9092"}
        events: {topic: events, group: ctr}
        scores: {topic: scores%s}
        dead_letters: {topic: dead}
        model: {directory: /model}
        """
            .formatted(timestamp);
    OutputTopic topic =
        new OutputTopic(new JobConfigReader(Map.of()).parse("job.yaml", yaml), name);
    topic.open(new AtomicReference<>(limits), replaced);
    return topic;
  }

  private static RawEvent event(long time, EventHeader... headers) {
    return new RawEvent(EVENT, time, KEY, new byte[0], headers);
  }
}
