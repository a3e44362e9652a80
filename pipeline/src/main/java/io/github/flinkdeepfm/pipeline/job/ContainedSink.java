package io.github.flinkdeepfm.pipeline.job;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.kafka.sink.TwoPhaseCommittingStatefulSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPostCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * A Kafka sink whose failures fail its job and nothing else. The connector's writer throws a second
 * failed send when it is closed, while the task handles the first: Flink ends the process then,
 * with every other job in it. Without transactions of its own it still commits those which the
 * state of an exactly-once run has left to commit: the connector's would drop them, and the broker
 * would abort their records. State and committables are the connector's own.
 *
 * @param <T> what is written
 * @param <S> the writer's state
 * @param <C> a committable
 */
final class ContainedSink<T, S, C>
    implements TwoPhaseCommittingStatefulSink<T, S, C>, SupportsPostCommitTopology<C> {
  private static final long serialVersionUID = 1L;

  private final TwoPhaseCommittingStatefulSink<T, S, C> sink;
  private final TwoPhaseCommittingStatefulSink<T, S, C> committing;

  /** The one that the sink's records are made for, also after both were serialised. */
  private final OutputTopic topic;

  private final OldTransactions old;

  /**
   * @param sink that writes
   * @param committing that commits; the same one with exactly-once delivery
   */
  ContainedSink(
      TwoPhaseCommittingStatefulSink<T, S, C> sink,
      TwoPhaseCommittingStatefulSink<T, S, C> committing,
      OutputTopic topic,
      OldTransactions old) {
    this.sink = sink;
    this.committing = committing;
    this.topic = topic;
    this.old = old;
  }

  @Override
  public PrecommittingStatefulSinkWriter<T, S, C> createWriter(WriterInitContext context)
      throws IOException {
    return restoreWriter(context, List.of());
  }

  @Override
  public PrecommittingStatefulSinkWriter<T, S, C> restoreWriter(
      WriterInitContext context, Collection<S> state) throws IOException {
    ContainedWriter<T, S, C> writer = new ContainedWriter<>(topic, old.of(context));
    writer.open(sink.restoreWriter(writer.contextOf(context), state));
    return writer;
  }

  @Override
  public SimpleVersionedSerializer<S> getWriterStateSerializer() {
    return sink.getWriterStateSerializer();
  }

  @Override
  public Committer<C> createCommitter(CommitterInitContext context) throws IOException {
    return committing.createCommitter(context);
  }

  @Override
  public SimpleVersionedSerializer<C> getCommittableSerializer() {
    return committing.getCommittableSerializer();
  }

  @Override
  @SuppressWarnings("unchecked") // of the same committables
  public void addPostCommitTopology(DataStream<CommittableMessage<C>> committables) {
    ((SupportsPostCommitTopology<C>) sink).addPostCommitTopology(committables);
  }
}
