package io.github.flinkdeepfm.pipeline.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.operators.DeadLetter;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputRecordsTest {
  private static final long NOW = 1_700_000_000_000L;
  private static final byte[] KEY = {1, 2};

  @Test
  void aScoreKeepsKeyAndHeadersAndTellsItsNumerics() {
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
  @CsvSource({"0,0", "-1,NOW", "-9223372036854775808,NOW", "9223372036854775807,NOW"})
  void aTimeThatABrokerRefusesBecomesTheScoringTime(long time, String expected) {
    assertThat(score(time).timestamp())
        .isEqualTo(expected.equals("NOW") ? NOW : Long.parseLong(expected));
  }

  @Test
  void aTimeWithinTheBrokersHourStays() {
    long ahead = OutputRecord.MAX_MILLIS_AHEAD;
    assertThat(score(NOW + ahead).timestamp()).isEqualTo(NOW + ahead);
    assertThat(score(NOW + ahead + 1).timestamp()).isEqualTo(NOW);
  }

  @Test
  void aDeadLetterKeepsKeyHeadersAndRecordTime() {
    ProducerRecord<byte[], byte[]> record = deadLetter(new EventHeader("trace", null));

    assertThat(record.key()).isEqualTo(KEY);
    assertThat(record.timestamp()).isEqualTo(7);
    assertThat(record.headers().toArray()).extracting(Header::key).containsExactly("trace");
  }

  @Test
  void aDeadLetterLeavesOutHeadersThatNoRecordCanCarry() {
    ProducerRecord<byte[], byte[]> record =
        deadLetter(new EventHeader("large", new byte[600 << 10]));

    assertThat(record.key()).isNull();
    assertThat(record.headers().toArray()).isEmpty();
  }

  private static ProducerRecord<byte[], byte[]> score(long time, EventHeader... headers) {
    ScoreRecords records = new ScoreRecords("scores", List.of());
    records.open(null, null);
    return records.serialize(
        new ScoredEvent(
            event(headers), "id", time, 0f, 0.5f, "v1", "cpu/1", NOW, null, new byte[0][]),
        null,
        null);
  }

  private static ProducerRecord<byte[], byte[]> deadLetter(EventHeader... headers) {
    DeadLetterRecords records = new DeadLetterRecords("dead", 100);
    records.open(null, null);
    return records.serialize(
        new DeadLetter(event(headers), DeadLetterReason.EMPTY, "detail", NOW), null, null);
  }

  private static RawEvent event(EventHeader... headers) {
    return new RawEvent(new SourceCoordinates("events", 0, 1), 7, KEY, new byte[0], headers);
  }
}
