package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Abort;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Hello;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Ready;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A subtask's answers, call by call; each prepared version is closed or active, never lost. */
class RefreshParticipantTest {
  private static final Comparison FOUND = new Comparison(100, 0, 0.01, 0.02);

  private final List<RefreshEvent> sent = new ArrayList<>();
  private final Map<String, CompletableFuture<Version>> loading = new TreeMap<>();
  private String active = "v1";
  private int abandoned;
  private final RefreshParticipant<Version> participant =
      new RefreshParticipant<>(sent::add, Runnable::run, new TestHost());

  private static final class Version implements RefreshParticipant.Candidate {
    final String name;
    boolean closed;

    Version(String name) {
      this.name = name;
    }

    @Override
    public Comparison compared() {
      return FOUND;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final class TestHost implements RefreshParticipant.Host<Version> {
    @Override
    public String active() {
      return active;
    }

    @Override
    public CompletableFuture<Version> prepare(String version, String manifest, boolean ordered) {
      return loading.computeIfAbsent(version, v -> new CompletableFuture<>());
    }

    @Override
    public void abandon() {
      abandoned++;
    }

    @Override
    public void activate(Version prepared) {
      active = prepared.name;
    }
  }

  private Version load(String name) {
    Version version = new Version(name);
    loading.remove(name).complete(version);
    return version;
  }

  @Test
  void activatesAtTheFirstBarrierFromTheCommittedOneOn() {
    participant.opened();
    participant.handle(new Prepare(1, "v2", "", false));
    assertThat(sent).containsExactly(new Hello("v1"));
    load("v2");
    assertThat(sent).containsExactly(new Hello("v1"), new Ready(1, FOUND));
    assertThat(participant.beforeBarrier(6)).isFalse();
    participant.handle(new Commit(1, "v2", 8));
    assertThat(participant.beforeBarrier(7)).isFalse();
    assertThat(active).isEqualTo("v1");
    assertThat(participant.beforeBarrier(9)).isTrue(); // 8 never came here.
    assertThat(active).isEqualTo("v2");
    assertThat(participant.beforeBarrier(10)).isFalse();
  }

  @Test
  void answersARepeatedPrepareAgainAndLoadsOnce() {
    participant.handle(new Prepare(1, "v2", "", false));
    participant.handle(new Prepare(1, "v2", "", false));
    load("v2");
    participant.handle(new Prepare(1, "v2", "", false));
    assertThat(sent).containsExactly(new Ready(1, FOUND), new Ready(1, FOUND));
    assertThat(loading).isEmpty();
  }

  @Test
  void isReadyAtOnceForTheActiveVersion() {
    participant.handle(new Prepare(1, "v1", "", false));
    participant.handle(new Commit(1, "v1", 3));
    assertThat(sent).containsExactly(new Ready(1, Comparison.NONE));
    assertThat(loading).isEmpty();
    assertThat(participant.beforeBarrier(3)).isTrue();
    assertThat(active).isEqualTo("v1");
  }

  @Test
  void closesWhatIsAborted() {
    participant.handle(new Prepare(1, "v2", "", false));
    Version early = load("v2");
    participant.handle(new Abort(1));
    assertThat(early.closed).isTrue();
    assertThat(abandoned).isZero();
    participant.handle(new Prepare(2, "v3", "", false));
    participant.handle(new Abort(2));
    assertThat(abandoned).isEqualTo(1);
    sent.clear();
    assertThat(load("v3").closed).isTrue();
    assertThat(sent).isEmpty();
  }

  @Test
  void anAbortOfAnotherRoundChangesNothing() {
    participant.handle(new Prepare(2, "v2", "", false));
    participant.handle(new Abort(1));
    assertThat(load("v2").closed).isFalse();
    assertThat(sent).containsExactly(new Ready(2, FOUND));
  }

  @Test
  void saysWhyAVersionIsRefused() {
    participant.handle(new Prepare(1, "v2", "", false));
    loading
        .get("v2")
        .completeExceptionally(new RefusedVersionException(RefusalReason.PARITY, "off by 1"));
    participant.handle(new Prepare(2, "v3", "", false));
    loading.get("v3").completeExceptionally(new OutOfMemoryError("heap"));
    assertThat(sent)
        .containsExactly(
            new Refused(1, RefusalReason.PARITY, "off by 1"),
            new Refused(2, RefusalReason.INVALID, "java.lang.OutOfMemoryError: heap"));
  }

  @Test
  void aCommitOfWhatIsNotReadyFailsTheTask() {
    assertThatThrownBy(() -> participant.handle(new Commit(1, "v2", 3)))
        .hasMessageContaining("v2")
        .hasMessageContaining("nothing prepared");
    participant.handle(new Prepare(1, "v2", "", false));
    assertThatThrownBy(() -> participant.handle(new Commit(1, "v2", 3)))
        .hasMessageContaining("expected model v2 to be ready");
  }

  @Test
  void closesWhatIsPreparedAndWhatComesLater() {
    participant.handle(new Prepare(1, "v2", "", false));
    Version prepared = load("v2");
    participant.close();
    assertThat(prepared.closed).isTrue();
  }

  @Test
  void closesWhatIsLoadedAfterTheTaskHasEnded() {
    participant.handle(new Prepare(1, "v2", "", false));
    participant.close();
    assertThat(load("v2").closed).isTrue();
    assertThat(sent).isEmpty();
  }

  @Test
  void closesWhatIsLoadedWhileTheTaskDropsItsWork() {
    RefreshParticipant<Version> ending =
        new RefreshParticipant<>(sent::add, dropped -> {}, new TestHost());
    ending.handle(new Prepare(1, "v2", "", false));
    Version prepared = load("v2");
    ending.close();
    assertThat(prepared.closed).isTrue();
  }

  @Test
  void activatesAtOnceWhenNoBarrierIsAwaited() {
    participant.handle(new Prepare(1, "v2", "", false));
    load("v2");
    participant.handle(new Commit(1, "v2", Commit.NOW));
    assertThat(active).isEqualTo("v2");
  }
}
