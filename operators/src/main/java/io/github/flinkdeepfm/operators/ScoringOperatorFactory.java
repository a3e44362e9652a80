package io.github.flinkdeepfm.operators;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link ScoringOperator}s, always chained to the micro-batcher. */
final class ScoringOperatorFactory extends AbstractStreamOperatorFactory<ScoredEvent>
    implements OneInputStreamOperatorFactory<MicroBatch, ScoredEvent> {
  private static final long serialVersionUID = 1L;

  ScoringOperatorFactory() {
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<ScoredEvent>> T createStreamOperator(
      StreamOperatorParameters<ScoredEvent> parameters) {
    return (T) new ScoringOperator(parameters);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return ScoringOperator.class;
  }
}
