package io.github.flinkdeepfm.operators;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link ScoringOperator}s, always chained to the micro-batcher. */
final class ScoringOperatorFactory<E, S> extends AbstractStreamOperatorFactory<S>
    implements OneInputStreamOperatorFactory<MicroBatch<E>, S> {
  private static final long serialVersionUID = 1L;

  private final EventKind<E, S, ?> kind;
  private final ScoringSettings shadow;

  /**
   * @param shadow of a second version that scores beside the first; null for none
   */
  ScoringOperatorFactory(EventKind<E, S, ?> kind, ScoringSettings shadow) {
    this.kind = kind;
    this.shadow = shadow;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<S>> T createStreamOperator(
      StreamOperatorParameters<S> parameters) {
    return (T) new ScoringOperator<>(parameters, kind, shadow);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return ScoringOperator.class;
  }
}
