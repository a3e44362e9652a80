package io.github.flinkdeepfm.pipeline.events;

import io.github.flinkdeepfm.pipeline.config.JobConfig.OnLost;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.Counter;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a reader goes on whose next offset is not there: at the earliest there is. What was deleted
 * in between is said and counted, or fails the job. {@link #resolve} belongs to the thread that
 * fetches, the other methods to the task's.
 */
final class GoneOffsets {
  private static final Logger LOG = LoggerFactory.getLogger(GoneOffsets.class);

  private record Jump(long from, long to) {}

  private final Properties consumer;
  private final OnLost onLost;
  private final Counter lost;
  private final Map<TopicPartition, Jump> jumps = new ConcurrentHashMap<>();

  /**
   * @param lost counts offsets that were deleted before they were read
   */
  GoneOffsets(Properties consumer, OnLost onLost, Counter lost) {
    this.consumer = consumer;
    this.onLost = onLost;
    this.lost = lost;
  }

  /**
   * Where to go on instead.
   *
   * @throws OffsetsRefusedException if the job is to fail
   */
  Map<TopicPartition, Long> resolve(OffsetOutOfRangeException failure) {
    Map<TopicPartition, Long> wanted = failure.offsetOutOfRangePartitions();
    Map<TopicPartition, Long> resolved = new HashMap<>();
    try (BrokerOffsets broker = new BrokerOffsets(consumer)) {
      Map<TopicPartition, Long> earliest = broker.earliest(wanted.keySet());
      Map<TopicPartition, Long> ends =
          broker.latest(wanted.keySet(), IsolationLevel.READ_UNCOMMITTED);
      wanted.forEach(
          (partition, offset) ->
              resolved.put(
                  partition,
                  divergence(failure, partition)
                      .orElseGet(
                          () ->
                              resolve(
                                  partition,
                                  offset,
                                  earliest.get(partition),
                                  ends.get(partition)))));
    }
    resolved.forEach(
        (partition, offset) -> jumps.put(partition, new Jump(wanted.get(partition), offset)));
    return resolved;
  }

  private long resolve(TopicPartition partition, long wanted, long earliest, long end) {
    if (wanted < earliest) {
      String what =
          "%s: expected to go on at offset %d, the earliest there is is %d: %d records were deleted before they were scored"
              .formatted(partition, wanted, earliest, earliest - wanted);
      refuseOrWarn(what, "raise the topic's retention, or lower the lag");
      lost.inc(earliest - wanted);
      return earliest;
    }
    if (wanted > end) {
      String what =
          "%s: expected to go on at offset %d, the topic has %d to %d only: it was made anew, truncated, or is of other brokers"
              .formatted(partition, wanted, earliest, end);
      refuseOrWarn(what, "all that it has is read; for other brokers start without the savepoint");
      return earliest;
    }
    LOG.warn("{}: offset {} was refused and is there now: it is tried again", partition, wanted);
    return wanted;
  }

  private void refuseOrWarn(String what, String cure) {
    if (onLost == OnLost.FAIL) {
      throw new OffsetsRefusedException(
          what + " (events.on_lost: fail). To go on at the earliest: events.on_lost: continue");
    }
    LOG.warn("{}; {}", what, cure);
  }

  /** The new log of a partition whose leader has lost the end of the old one. */
  private static Optional<Long> divergence(
      OffsetOutOfRangeException failure, TopicPartition partition) {
    Optional<Long> offset =
        failure instanceof LogTruncationException truncation
            ? Optional.ofNullable(truncation.divergentOffsets().get(partition))
                .map(OffsetAndMetadata::offset)
            : Optional.empty();
    offset.ifPresent(
        o -> LOG.warn("{}: its log was truncated, it is read on from offset {}", partition, o));
    return offset;
  }

  /**
   * Where a partition is, for its state: so that what was lost is told and counted once, even if no
   * record follows.
   *
   * @param offset after the last record that was taken over
   */
  long position(TopicPartition partition, long offset) {
    Jump jump = jumps.get(partition);
    return jump != null && jump.from() == offset ? jump.to() : offset;
  }

  /**
   * Tells of a record that is taken over.
   *
   * @param before the offset after the one before
   */
  void taken(TopicPartition partition, long before, long record) {
    if (jumps.isEmpty()) {
      return;
    }
    Jump jump = jumps.get(partition);
    if (jump != null && (jump.from() == before || record < before)) {
      jumps.remove(partition, jump); // the first record behind the gap
    }
  }
}
