package io.github.flinkdeepfm.operators;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link MicroBatchOperator}s, always chained to their source. */
final class MicroBatchOperatorFactory<E> extends AbstractStreamOperatorFactory<MicroBatch<E>>
    implements OneInputStreamOperatorFactory<E, MicroBatch<E>> {
  private static final long serialVersionUID = 1L;

  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;

  MicroBatchOperatorFactory(EventKind<E, ?, ?> kind, ScoringSettings settings) {
    this.kind = kind;
    this.settings = settings;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<MicroBatch<E>>> T createStreamOperator(
      StreamOperatorParameters<MicroBatch<E>> parameters) {
    return (T) new MicroBatchOperator<>(parameters, kind, settings);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return MicroBatchOperator.class;
  }
}
