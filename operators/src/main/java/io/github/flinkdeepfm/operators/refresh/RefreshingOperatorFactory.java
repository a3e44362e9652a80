package io.github.flinkdeepfm.operators.refresh;

import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.CoordinatedOperatorFactory;

/** Base of the factory of an operator whose subtasks take part in refreshes. */
public abstract class RefreshingOperatorFactory<OUT> extends AbstractStreamOperatorFactory<OUT>
    implements CoordinatedOperatorFactory<OUT> {
  private static final long serialVersionUID = 1L;

  private final RefreshSettings settings;

  protected RefreshingOperatorFactory(RefreshSettings settings) {
    this.settings = settings;
  }

  @Override
  public final OperatorCoordinator.Provider getCoordinatorProvider(
      String operatorName, OperatorID operator) {
    return new ModelCoordinator.Provider(operator, settings);
  }
}
