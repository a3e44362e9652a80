package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.refresh.RefreshingOperatorFactory;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.operators.OneInputStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes {@link MicroBatchOperator}s that follow a model root, always chained to their source. */
class RefreshingMicroBatchFactory<E> extends RefreshingOperatorFactory<MicroBatch<E>>
    implements OneInputStreamOperatorFactory<E, MicroBatch<E>> {
  private static final long serialVersionUID = 1L;

  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;

  /**
   * @param settings with refresh
   */
  RefreshingMicroBatchFactory(EventKind<E, ?, ?> kind, ScoringSettings settings) {
    super(settings.refresh());
    this.kind = kind;
    this.settings = settings;
    setChainingStrategy(ChainingStrategy.ALWAYS);
  }

  @Override
  @SuppressWarnings("unchecked")
  public final <T extends StreamOperator<MicroBatch<E>>> T createStreamOperator(
      StreamOperatorParameters<MicroBatch<E>> parameters) {
    return (T) operator(parameters, kind, settings);
  }

  MicroBatchOperator<E> operator(
      StreamOperatorParameters<MicroBatch<E>> parameters,
      EventKind<E, ?, ?> kind,
      ScoringSettings settings) {
    return new MicroBatchOperator<>(parameters, kind, settings);
  }

  @Override
  @SuppressWarnings("rawtypes")
  public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
    return MicroBatchOperator.class;
  }
}
