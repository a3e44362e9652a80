package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.publish.LocalModelStorage;
import io.github.flinkdeepfm.model.publish.ModelChecks;
import io.github.flinkdeepfm.model.publish.ModelPublisher;
import io.github.flinkdeepfm.model.publish.PublishedVersions;
import io.github.flinkdeepfm.model.publish.Retention;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Hello;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Ready;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
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
  void stop() throws Exception {
    coordinator.close();
    assertThat(coordinator.awaitStorage(10_000)).isTrue();
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
    Files.move(temporary, manifest, StandardCopyOption.REPLACE_EXISTING);
  }

  private Prepare prepare(long round, String version) throws Exception {
    String manifest = Files.readString(root.resolve(version).resolve("manifest.json"));
    return new Prepare(round, version, PublishedVersions.digest(manifest), false);
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
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
    coordinator.handleEventFromOperator(0, 0, new Ready(1, Comparison.NONE));
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
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
    assertThat(context.isJobFailed()).isFalse();
  }

  @Test
  void anAbortedCommitFailsTheJob() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    join("v1");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
    coordinator.handleEventFromOperator(0, 0, new Ready(1, Comparison.NONE));
    checkpoint(2);
    coordinator.notifyCheckpointAborted(2);
    context.getJobFailedFuture().get(10, TimeUnit.SECONDS);
    assertThat(context.getJobFailureReason()).hasMessageContaining("checkpoint 2");
  }

  @Test
  void aRestoredCoordinatorRemembersWhatItRefused() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    join("v1");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
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
    assertThat(sent.take()).isEqualTo(prepare(1, "v3"));
    assertThat(checkpoint(4).refused().get("v2").detail()).isEqualTo("NOT_FINITE: subtask 0: NaN");
  }

  @Test
  void retentionKeepsWhatWasActiveLately() throws Exception {
    announce("v0", "2023-01-01T00:00:00Z");
    join("v1");
    await(() -> marker().contains("v1 # since"));
    announce("v2", "2024-01-02T00:00:00Z");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
    coordinator.handleEventFromOperator(0, 0, new Ready(1, Comparison.NONE));
    checkpoint(2);
    coordinator.notifyCheckpointComplete(2);
    await(() -> marker().contains("v2 # since"));
    assertThat(marker()).containsPattern("v1 # since \\S+ until \\S+\n");
    assertThat(checkpoint(3).stays()).extracting(s -> s.version()).containsExactly("v1", "v2");
    announce("v3", "2024-01-03T00:00:00Z");
    assertThat(
            new ModelPublisher(new LocalModelStorage(root), ModelChecks.standard())
                .retain(new Retention(1, Duration.ZERO, Set.of())))
        .containsExactly("v0");
  }

  @Test
  void aManifestThatIsReplacedIsReadAgain() throws Exception {
    Files.createDirectories(root.resolve("v2"));
    Files.writeString(root.resolve("v2/manifest.json"), "{\"format\":1,");
    join("v1");
    await(() -> checkpoint(1).refused().containsKey("v2"));
    assertThat(checkpoint(2).refused().get("v2").detail())
        .startsWith("INVALID: ")
        .contains("v2/manifest.json");
    announce("v2", "2024-01-02T00:00:00Z");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
  }

  @Test
  void aRefusedNameWithAnotherManifestIsTriedAgain() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    join("v1");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
    coordinator.handleEventFromOperator(
        0, 0, new RefreshEvent.Refused(1, RefusalReason.NOT_FINITE, "NaN"));
    assertThat(sent.take()).isEqualTo(new RefreshEvent.Abort(1));
    announce("v2", "2024-01-02T00:00:01Z");
    assertThat(sent.take()).isEqualTo(prepare(2, "v2"));
  }

  @Test
  void theActiveVersionPublishedAgainIsRefused() throws Exception {
    join("v1");
    await(() -> checkpoint(1).manifests().containsKey("v1"));
    announce("v1", "2024-01-09T00:00:00Z");
    await(() -> checkpoint(2).refused().containsKey("v1"));
    assertThat(checkpoint(3).refused().get("v1").detail())
        .startsWith("REUSED_NAME: v1: expected the manifest that is in use");
    announce("v2", "2024-01-10T00:00:00Z");
    assertThat(sent.take()).isEqualTo(prepare(1, "v2"));
  }

  @Test
  void anErrorOnTheCoordinatorsThreadFailsTheJobInsteadOfStoppingRefreshes() throws Exception {
    announce("v2", "2024-01-02T00:00:00Z");
    OperatorCoordinator.SubtaskGateway failing =
        new Gateway() {
          @Override
          public CompletableFuture<Acknowledge> sendEvent(OperatorEvent event) {
            throw new NoClassDefFoundError("of a plugin");
          }
        };
    coordinator.executionAttemptReady(0, 0, failing);
    coordinator.handleEventFromOperator(0, 0, new Hello("v1"));
    context.getJobFailedFuture().get(10, TimeUnit.SECONDS);
    assertThat(context.getJobFailureReason()).hasMessageContaining("of a plugin");
  }

  /** The file under in-use/ that bears the job's id. */
  private String marker() throws Exception {
    Path directory = root.resolve("in-use");
    if (!Files.isDirectory(directory)) {
      return "";
    }
    try (var files = Files.list(directory)) {
      Optional<Path> file =
          files.filter(f -> f.toString().endsWith("-" + context.getJobID())).findFirst();
      return file.isEmpty() ? "" : Files.readString(file.get());
    }
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) { // Until the test's timeout.
      Thread.sleep(5);
    }
  }

  private class Gateway implements OperatorCoordinator.SubtaskGateway {
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
