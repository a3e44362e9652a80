package io.github.flinkdeepfm.operators;

import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link MicroBatchOperator}s, always chained to their source. */
final class MicroBatchOperatorFactory extends AbstractStreamOperatorFactory<MicroBatch>
    implements OneInputStreamOperatorFactory<RawEvent, MicroBatch> {
  private static final long serialVersionUID = 1L;

  private final ScoringSettings settings;

  MicroBatchOperatorFactory(ScoringSettings settings) {
    this.settings = settings;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends StreamOperator<MicroBatch>> T createStreamOperator(
      StreamOperatorParameters<MicroBatch> parameters) {
    return (T) new MicroBatchOperator(parameters, settings);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return MicroBatchOperator.class;
  }
}
