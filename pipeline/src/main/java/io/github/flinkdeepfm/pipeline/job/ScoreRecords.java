package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.ScoredEvent;
import io.github.flinkdeepfm.pipeline.format.ScoreJson;
import io.github.flinkdeepfm.pipeline.format.TimingText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Scores as Kafka records: what {@link OutputTopic} makes of the event, and the headers {@value
 * #NUMERICS} and {@value #TIMING}.
 */
public final class ScoreRecords implements KafkaRecordSerializationSchema<ScoredEvent> {
  private static final long serialVersionUID = 1L;

  /** Header with the fingerprint of the arithmetic, in UTF-8. */
  public static final String NUMERICS = "numerics";

  /**
   * Header with the event's milliseconds until it was read, until its micro-batch was scored, and
   * while that was scored: {@code 12,3,0.41}; -1 where unknown.
   */
  public static final String TIMING = "timing_ms";

  private final OutputTopic topic;
  private final ArrayList<String> copy;
  private transient ScoreJson json;
  private transient TimingText timing;
  private transient String numerics;
  private transient Header numericsHeader;

  ScoreRecords(OutputTopic topic, List<String> copy) {
    this.topic = topic;
    this.copy = new ArrayList<>(copy);
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext)
      throws Exception {
    topic.open(context);
    json = new ScoreJson(copy);
    timing = new TimingText();
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      ScoredEvent score, KafkaSinkContext context, Long timestamp) {
    ProducerRecord<byte[], byte[]> record =
        topic.record(score.event(), score.timestamp(), score.scoredAt(), json.write(score));
    // An event may be a score of another job: its fingerprint is not ours.
    record.headers().remove(NUMERICS);
    record.headers().add(numericsOf(score));
    record.headers().remove(TIMING);
    if (score.timing() != null) {
      record.headers().add(TIMING, timing.write(score.timing()));
    }
    return record;
  }

  /** The same for all scores of a version. */
  private Header numericsOf(ScoredEvent score) {
    if (!score.numerics().equals(numerics)) {
      numerics = score.numerics();
      numericsHeader = new RecordHeader(NUMERICS, numerics.getBytes(StandardCharsets.UTF_8));
    }
    return numericsHeader;
  }
}
