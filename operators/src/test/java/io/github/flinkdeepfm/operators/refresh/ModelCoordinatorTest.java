package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Hello;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Ready;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.executiongraph.ExecutionAttemptID;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.messages.Acknowledge;
import org.apache.flink.runtime.operators.coordination.MockOperatorCoordinatorContext;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shell around {@link RefreshProtocol}, with one subtask and a real directory. */
@Timeout(60)
class ModelCoordinatorTest {
  @TempDir Path root;
  private final MockOperatorCoordinatorContext context =
      new MockOperatorCoordinatorContext(new OperatorID(), 1);
  private final BlockingQueue<OperatorEvent> sent = new LinkedBlockingQueue<>();
  private ModelCoordinator coordinator;

  @BeforeEach
  void start() throws Exception {
    announce("v1", "2024-01-01T00:00:00Z");
    coordinator = coordinator();
    coordinator.start();
  }

  @AfterEach
  void stop() {
    coordinator.close();
  }

  private ModelCoordinator coordinator() {
    return new ModelCoordinator(
        context,
        new RefreshSettings(
            root.toString(), RefreshSettings.At.CHECKPOINT, 5, 60_000, false, null, 0, null, "s"));
  }

  private void announce(String version, String createdAt) throws Exception {
    Path manifest = Files.createDirectories(root.resolve(version)).resolve("manifest.json");
    Path temporary = root.resolve("." + version);
    Files.writeString(
        temporary,
        "{\"format\":1,\"version\":\"%s\",\"kind\":\"full\",\"created_at\":\"%s\",\"files\":[]}"
            .formatted(version, createdAt));
    Files.move(temporary, manifest);
  }

  private void join(String version) {
    coordinator.executionAttemptReady(0, 0, new Gateway());
    coordinator.handleEventFromOperator(0, 0, new Hello(version));
  }

  private CoordinatorState checkpoint(long id) throws Exception {
    CompletableFuture<byte[]> bytes = new CompletableFuture<>();
    coordinator.checkpointCoordinator(id, bytes);
    return CoordinatorState.fromBytes(bytes.get(10, TimeUnit.SECONDS));
  }

  @Test
  void findsAVersionAndHasSentItsCommitWhenTheCheckpointGoesOn() throws Exception {
    join("v1");
    assertThat(checkpoint(1).active()).isEqualTo("v1");
    announce("v2", "2024-01-02T00:00:00Z");
    assertThat(sent.take()).isEqualTo(new Prepare(1, "v2"));
    coordinator.handleEventFromOperator(0, 0, new Ready(1));
    CompletableFuture<byte[]> bytes = new CompletableFuture<>();
    CompletableFuture<OperatorEvent> before = bytes.thenApply(done -> sent.peek());
    coordinator.checkpointCoordinator(2, bytes);
    assertThat(before.get(10, TimeUnit.SECONDS)).isEqualTo(new Commit(1, "v2", 2));
    assertThat(CoordinatorState.fromBytes(bytes.join()).active()).isEqualTo("v2");
  }

  @Test
  void checkpointsGoOnWhileTheRootIsNotThere() throws Exception {
    join("v1");
    Path away = root.resolveSibling(root.getFileName() + "-away");
    Files.move(root, away);
    for (int i = 1; i <= 20; i++) {
      assertThat(checkpoint(i).active()).isEqualTo("v1");
    }
    Files.move(away, root);
    announce("v2", "2024-01-02T00:00:00Z");
    assertThat(sent.take()).isEqualTo(new Prepare(1, "v2"));
    assertThat(context.isJobFailed()).isFalse();
  }

  @Test
  void anAbortedCommitFailsTheJob() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    join("v1");
    assertThat(sent.take()).isEqualTo(new Prepare(1, "v2"));
    coordinator.handleEventFromOperator(0, 0, new Ready(1));
    checkpoint(2);
    coordinator.notifyCheckpointAborted(2);
    context.getJobFailedFuture().get(10, TimeUnit.SECONDS);
    assertThat(context.getJobFailureReason()).hasMessageContaining("checkpoint 2");
  }

  @Test
  void aRestoredCoordinatorRemembersWhatItRefused() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    join("v1");
    assertThat(sent.take()).isEqualTo(new Prepare(1, "v2"));
    coordinator.handleEventFromOperator(
        0, 0, new RefreshEvent.Refused(1, RefusalReason.NOT_FINITE, "NaN"));
    byte[] state = checkpoint(3).toBytes();
    coordinator.close();
    sent.clear();
    coordinator = coordinator();
    coordinator.resetToCheckpoint(3, state);
    coordinator.start();
    join("v1");
    announce("v3", "2024-01-03T00:00:00Z");
    assertThat(sent.take()).isEqualTo(new Prepare(1, "v3"));
    assertThat(checkpoint(4).refused().get("v2").detail()).isEqualTo("NOT_FINITE: subtask 0: NaN");
  }

  private final class Gateway implements OperatorCoordinator.SubtaskGateway {
    @Override
    public CompletableFuture<Acknowledge> sendEvent(OperatorEvent event) {
      sent.add(event);
      return CompletableFuture.completedFuture(Acknowledge.get());
    }

    @Override
    public ExecutionAttemptID getExecution() {
      return ExecutionAttemptID.randomId();
    }

    @Override
    public int getSubtask() {
      return 0;
    }
  }
}
