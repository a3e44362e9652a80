package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.refresh.RefreshingOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link MicroBatchOperator}s that follow a model root, always chained to their source. */
class RefreshingMicroBatchFactory extends RefreshingOperatorFactory<MicroBatch>
    implements OneInputStreamOperatorFactory<RawEvent, MicroBatch> {
  private static final long serialVersionUID = 1L;

  private final ScoringSettings settings;

  /**
   * @param settings with refresh
   */
  RefreshingMicroBatchFactory(ScoringSettings settings) {
    super(settings.refresh());
    this.settings = settings;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T extends StreamOperator<MicroBatch>> T createStreamOperator(
      StreamOperatorParameters<MicroBatch> parameters) {
    return (T) operator(parameters, settings);
  }

  MicroBatchOperator operator(
      StreamOperatorParameters<MicroBatch> parameters, ScoringSettings settings) {
    return new MicroBatchOperator(parameters, settings);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return MicroBatchOperator.class;
  }
}
