package io.github.flinkdeepfm.operators.refresh;

import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorEventGateway;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Ties an operator's subtask to the coordinator of the operator. */
public final class RefreshLink {
  private RefreshLink() {}

  /** To be called in the operator's constructor: events may come from then on. */
  public static <C extends RefreshParticipant.Candidate> RefreshParticipant<C> join(
      StreamOperatorParameters<?> parameters, RefreshParticipant.Host<C> host) {
    OperatorID operator = parameters.getStreamConfig().getOperatorID();
    OperatorEventGateway gateway =
        parameters.getOperatorEventDispatcher().getOperatorEventGateway(operator);
    RefreshParticipant<C> participant =
        new RefreshParticipant<>(
            gateway::sendEventToCoordinator,
            action -> parameters.getMailboxExecutor().execute(action::run, "model refresh"),
            host);
    parameters
        .getOperatorEventDispatcher()
        .registerEventHandler(operator, event -> participant.handle((RefreshEvent) event));
    return participant;
  }
}
