package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.EventHeader;
import io.github.flinkdeepfm.operators.RawEvent;
import io.github.flinkdeepfm.operators.SourceCoordinates;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.topics.TopicLimits;
import io.github.flinkdeepfm.pipeline.topics.TopicNeeds;
import io.github.flinkdeepfm.pipeline.topics.TopicWatch;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A topic of scores or dead letters as one subtask writes to it. It makes records that the topic
 * takes: a timestamp that it does not keep or take becomes the time at which the record was made,
 * which is counted; where it has to have a key, a record of an event without one gets the event's
 * coordinates. It remembers which events' records were extreme since the last flush: of a record
 * that the broker refuses, Kafka tells neither key nor contents.
 */
final class OutputTopic implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TopicNeeds needs;
  private final String name;
  private final JobConfig.Timestamp kind;
  private transient AtomicReference<TopicLimits> limits;
  private transient Counter replaced;
  private transient Extreme largest;
  private transient Extreme latest;
  private transient Extreme earliest;

  OutputTopic(JobConfig config, String name) {
    needs = TopicNeeds.of(config);
    this.name = name;
    kind = config.scores().timestamp();
  }

  /**
   * Waits for a first look at the topic. Does nothing once it is open.
   *
   * @throws io.github.flinkdeepfm.pipeline.topics.UnsuitableTopicsException if the job would fail
   *     by what its topics are set to
   */
  void open(SerializationSchema.InitializationContext context) throws InterruptedException {
    if (limits == null) {
      open(
          TopicWatch.join(needs, context).limits(name),
          context.getMetricGroup().counter(MetricNames.TIMESTAMPS_REPLACED));
    }
  }

  /** Opens it with limits that are kept up to date elsewhere. */
  void open(AtomicReference<TopicLimits> current, Counter counter) {
    limits = current;
    replaced = counter;
    largest = new Extreme();
    latest = new Extreme();
    earliest = new Extreme();
  }

  /** Returns the most bytes of a record, with the batch that it travels in. */
  long recordBytes() {
    return limits.get().recordBytes();
  }

  /**
   * Makes a record with the event's key and headers.
   *
   * @param time the event's, epoch milliseconds; negative if it has none
   * @param now when its score or dead letter was made, epoch milliseconds
   */
  ProducerRecord<byte[], byte[]> record(RawEvent event, long time, long now, byte[] value) {
    byte[] key = event.key();
    if (key == null && limits.get().keyed()) {
      key = event.source().asEventId().getBytes(StandardCharsets.UTF_8);
    }
    long timestamp = timestamp(time, now);
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(name, null, timestamp, key, value);
    Headers headers = record.headers();
    for (EventHeader header : event.headers()) {
      headers.add(header.key(), header.value());
    }
    largest.see(event.outputBytes() + value.length, event.source());
    latest.see(timestamp, event.source());
    earliest.see(-timestamp, event.source());
    return record;
  }

  private long timestamp(long time, long now) {
    if (time < 0 || kind == JobConfig.Timestamp.SCORED) {
      return now;
    }
    if (limits.get().allow(time, now)) {
      return time;
    }
    replaced.inc();
    return now;
  }

  /** Forgets the extremes: the broker has taken all records so far. */
  void flushed() {
    largest.clear();
    latest.clear();
    earliest.clear();
  }

  /** Describes which events' records may be meant when the broker refuses one. */
  String suspects() {
    return ("of the records since the last checkpoint the largest (%d bytes) is of event %s, the"
            + " earliest timestamp (%s) of %s, the latest (%s) of %s")
        .formatted(
            largest.value,
            largest.event(),
            Instant.ofEpochMilli(-earliest.value),
            earliest.event(),
            Instant.ofEpochMilli(latest.value),
            latest.event());
  }

  /** Returns where the job finds its brokers, and what it asks of its topics. */
  TopicNeeds needs() {
    return needs;
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Extreme {
    private long value = Long.MIN_VALUE;
    private SourceCoordinates source;

    void see(long other, SourceCoordinates of) {
      if (other > value) {
        value = other;
        source = of;
      }
    }

    String event() {
      return source == null ? "none" : source.asEventId();
    }

    void clear() {
      value = Long.MIN_VALUE;
      source = null;
    }
  }
}
