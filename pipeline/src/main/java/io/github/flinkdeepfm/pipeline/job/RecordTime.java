package io.github.flinkdeepfm.pipeline.job;

import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.pipeline.config.JobConfig;
import io.github.flinkdeepfm.pipeline.topics.TimeBounds;
import io.github.flinkdeepfm.pipeline.topics.TopicNeeds;
import io.github.flinkdeepfm.pipeline.topics.TopicWatch;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.metrics.Counter;

/**
 * The timestamps of one topic's records: the event's time where the topic keeps and takes it, else
 * the time at which the record was made, which is counted.
 */
final class RecordTime implements Serializable {
  private static final long serialVersionUID = 1L;

  private final TopicNeeds needs;
  private final String topic;
  private final JobConfig.Timestamp kind;
  private transient AtomicReference<TimeBounds> bounds;
  private transient Counter replaced;

  RecordTime(JobConfig config, String topic) {
    needs = TopicNeeds.of(config);
    this.topic = topic;
    kind = config.scores().timestamp();
  }

  /** Waits for a first look at the topic. Does nothing once it is open. */
  void open(SerializationSchema.InitializationContext context) throws InterruptedException {
    if (bounds == null) {
      open(
          TopicWatch.join(needs, context).bounds(topic),
          context.getMetricGroup().counter(MetricNames.TIMESTAMPS_REPLACED));
    }
  }

  /** With bounds that are kept up to date elsewhere. */
  void open(AtomicReference<TimeBounds> current, Counter counter) {
    bounds = current;
    replaced = counter;
  }

  /**
   * @param time the event's, epoch milliseconds; negative if it has none
   * @param now when its score or dead letter was made, epoch milliseconds
   */
  long of(long time, long now) {
    if (time < 0 || kind == JobConfig.Timestamp.SCORED) {
      return now;
    }
    if (bounds.get().allow(time, now)) {
      return time;
    }
    replaced.inc();
    return now;
  }
}
