package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.ChainedTypeInfo;
import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.events.EventSource;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The event topic as a stream of raw events. Nothing is decoded here, so that no record, not even a
 * tombstone, can fail the source. Offsets are committed at checkpoints.
 */
public final class KafkaEvents {
  public static final TypeInformation<RawEvent> TYPE = new ChainedTypeInfo<>(RawEvent.class);

  /** The connector's own five minutes would leave a new partition unread for as long. */
  private static final String PARTITION_DISCOVERY_MILLIS = "10000";

  private static final EventHeader[] NO_HEADERS = {};

  private KafkaEvents() {}

  /** A source that reads the configured topic from the configured start. */
  public static EventSource source(JobConfig config) {
    return source(config, false);
  }

  /**
   * The same.
   *
   * @param newTopicAllowed whether offsets of other topics in a restored state are dropped instead
   *     of refused
   */
  public static EventSource source(JobConfig config, boolean newTopicAllowed) {
    Properties consumer = new Properties();
    consumer.setProperty(
        KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(), PARTITION_DISCOVERY_MILLIS);
    consumer.putAll(config.kafka().toProperties());
    consumer.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation(config));
    consumer.setProperty(ConsumerConfig.GROUP_ID_CONFIG, config.events().group());
    consumer.setProperty(KafkaSourceOptions.CLIENT_ID_PREFIX.key(), config.job() + "-events");
    consumer.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    String bytes = ByteArrayDeserializer.class.getName();
    consumer.setProperty(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, bytes);
    consumer.setProperty(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, bytes);
    return new EventSource(config.events(), consumer, new RecordReader(), newTopicAllowed);
  }

  /**
   * A source that ends: the records from {@code starts} (inclusive) to {@code stops} (exclusive) of
   * the partitions that both name. It joins no group and commits nothing.
   */
  public static KafkaSource<RawEvent> range(
      JobConfig config, Map<TopicPartition, Long> starts, Map<TopicPartition, Long> stops) {
    return KafkaSource.<RawEvent>builder()
        .setProperties(config.kafka().toProperties())
        .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation(config))
        .setProperty(KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(), "false")
        .setPartitions(new HashSet<>(starts.keySet())) // it is serialised
        .setClientIdPrefix(config.job() + "-replay")
        .setStartingOffsets(OffsetsInitializer.offsets(starts))
        .setBounded(OffsetsInitializer.offsets(stops))
        .setDeserializer(new RecordReader())
        .build();
  }

  /** The value of {@code isolation.level} for the event topic. */
  public static String isolation(JobConfig config) {
    return config.events().isolation().name().toLowerCase(Locale.ROOT);
  }

  /** A record as it is, as an event. */
  public static RawEvent rawEvent(ConsumerRecord<byte[], byte[]> record) {
    return new RawEvent(
        new SourceCoordinates(record.topic(), record.partition(), record.offset()),
        record.timestamp() < 0 ? RawEvent.NO_TIMESTAMP : record.timestamp(),
        record.key(),
        record.value(),
        headers(record));
  }

  private static EventHeader[] headers(ConsumerRecord<byte[], byte[]> record) {
    Header[] headers = record.headers().toArray();
    if (headers.length == 0) {
      return NO_HEADERS;
    }
    EventHeader[] copied = new EventHeader[headers.length];
    for (int i = 0; i < headers.length; i++) {
      copied[i] = new EventHeader(headers[i].key(), headers[i].value());
    }
    return copied;
  }

  /** Takes a record over as it is. */
  static final class RecordReader implements KafkaRecordDeserializationSchema<RawEvent> {
    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawEvent> out) {
      out.collect(rawEvent(record));
    }

    @Override
    public TypeInformation<RawEvent> getProducedType() {
      return TYPE;
    }
  }
}
