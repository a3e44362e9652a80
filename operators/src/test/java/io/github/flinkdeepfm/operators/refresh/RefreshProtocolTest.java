package io.github.flinkdeepfm.operators.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Abort;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The coordinator's decisions, call by call, for two subtasks. */
class RefreshProtocolTest {
  private static final Target V1 = target("v1", 1);
  private static final Target V2 = target("v2", 2);
  private static final Target V3 = target("v3", 3);
  private static final long TIMEOUT = 1_000;
  private static final long WAIT = 5_000;
  private static final Comparison FOUND = new Comparison(100, 0, 0.01, 0.02);

  private final List<RefreshEvent> first = new ArrayList<>();
  private final List<RefreshEvent> second = new ArrayList<>();
  private final List<String> outcomes = new ArrayList<>();
  private final Recorder recorder = new Recorder();
  private RefreshProtocol protocol =
      protocol(RefreshSettings.At.CHECKPOINT, CoordinatorState.EMPTY);
  private long now;

  private RefreshProtocol protocol(RefreshSettings.At at, CoordinatorState restored) {
    return protocol(at, restored, null);
  }

  private RefreshProtocol protocol(
      RefreshSettings.At at, CoordinatorState restored, RefreshSettings.Canary canary) {
    RefreshSettings settings =
        new RefreshSettings("root", at, 10, TIMEOUT, false, null, 0, canary, "s");
    return new RefreshProtocol(settings, restored, 2, recorder, () -> now);
  }

  private static Target target(String version, long createdAt) {
    return new Target(version, createdAt, version + " manifest", Optional.empty());
  }

  private void join(int attempt, String version) {
    protocol.attemptReady(0, attempt, first::add);
    protocol.hello(0, attempt, version);
    protocol.hello(1, attempt, version);
    protocol.attemptReady(1, attempt, second::add);
  }

  private void look(Target... versions) {
    protocol.listed(new Look(List.of(versions), Map.of(), Optional.empty()));
  }

  /** Both subtasks score with v1; v2 is being prepared as round 1. */
  private void preparing() {
    join(0, "v1");
    look(V1, V2);
    assertThat(outcomes).containsExactly("validate v2");
    protocol.validated(V2);
    assertThat(first).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    assertThat(second).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    first.clear();
    second.clear();
    outcomes.clear();
  }

  private void ready() {
    preparing();
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
  }

  private void committed() {
    ready();
    protocol.checkpoint(7);
    first.clear();
    second.clear();
  }

  @Test
  void commitsAtTheFirstCheckpointAfterAllAreReady() {
    preparing();
    assertThat(protocol.checkpoint(5).active()).isEqualTo("v1");
    protocol.ready(0, 0, 1, Comparison.NONE);
    assertThat(protocol.checkpoint(6).active()).isEqualTo("v1");
    protocol.ready(1, 0, 1, Comparison.NONE);
    assertThat(first).isEmpty();
    assertThat(protocol.checkpoint(7).active()).isEqualTo("v2");
    assertThat(first).containsExactly(new Commit(1, "v2", 7));
    assertThat(second).containsExactly(new Commit(1, "v2", 7));
    protocol.checkpointComplete(6);
    assertThat(outcomes).isEmpty();
    protocol.checkpointComplete(7);
    assertThat(outcomes).containsExactly("activated v2");
    assertThat(protocol.active()).isEqualTo("v2");
  }

  @Test
  void startsNothingBeforeAllSubtasksAreThere() {
    protocol.attemptReady(0, 0, first::add);
    protocol.hello(0, 0, "v1");
    look(V1, V2);
    assertThat(outcomes).isEmpty();
    protocol.hello(1, 0, "v1");
    assertThat(outcomes).isEmpty();
    protocol.attemptReady(1, 0, second::add);
    assertThat(outcomes).containsExactly("validate v2");
  }

  @Test
  void preparesTheNextVersionOnlyWhenTheLastIsDurable() {
    committed();
    look(V1, V2, V3);
    assertThat(outcomes).isEmpty();
    protocol.checkpointComplete(7);
    assertThat(outcomes).containsExactly("activated v2", "validate v3");
  }

  @Test
  void aRefusalOfOneSubtaskEndsTheVersionEverywhereForGood() {
    preparing();
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.refused(1, 0, 1, RefusalReason.CHECKSUM, "f: expected a, got b");
    assertThat(first).containsExactly(new Abort(1));
    assertThat(second).containsExactly(new Abort(1));
    assertThat(outcomes).containsExactly("refused v2 CHECKSUM subtask 1: f: expected a, got b");
    look(V1, V2);
    assertThat(outcomes).hasSize(1);
    assertThat(protocol.checkpoint(8).active()).isEqualTo("v1");
    assertThat(protocol.checkpoint(8).refused()).containsOnlyKeys("v2");
    look(V1, V2, V3);
    assertThat(outcomes).last().isEqualTo("validate v3");
  }

  @Test
  void aRefusedVersionStaysRefusedAfterARestore() {
    preparing();
    protocol.refused(0, 0, 1, RefusalReason.PARITY, "off");
    CoordinatorState state = CoordinatorState.fromBytes(protocol.checkpoint(8).toBytes());
    outcomes.clear();
    protocol = protocol(RefreshSettings.At.CHECKPOINT, state);
    join(0, "v1");
    look(V1, V2);
    assertThat(outcomes).isEmpty();
    look(V1, target("v2", 99)); // Published again under the same name.
    assertThat(outcomes).containsExactly("validate v2");
  }

  @Test
  void anInvalidVersionIsNeverPrepared() {
    join(0, "v1");
    look(V1, V2);
    protocol.invalid(V2, RefusalReason.INCOMPLETE, "no file");
    assertThat(first).isEmpty();
    look(V1, V2);
    assertThat(outcomes).containsExactly("validate v2", "refused v2 INCOMPLETE no file");
  }

  @Test
  void astorageFailureIsTriedAgainAfterAWhile() {
    preparing();
    protocol.refused(0, 0, 1, RefusalReason.STORAGE, "down");
    look(V1, V2);
    assertThat(first).containsExactly(new Abort(1));
    now += 20;
    look(V1, V2);
    assertThat(first).containsExactly(new Abort(1), new Prepare(2, "v2", "v2 manifest", false));
    protocol.refused(0, 0, 1, RefusalReason.STORAGE, "an answer to the round before");
    assertThat(outcomes).hasSize(1);
  }

  @Test
  void aSubtaskThatDoesNotAnswerInTimeRefusesTheVersion() {
    preparing();
    protocol.ready(0, 0, 1, Comparison.NONE);
    now = TIMEOUT - 1;
    protocol.tick();
    assertThat(outcomes).isEmpty();
    now = TIMEOUT;
    protocol.tick();
    assertThat(outcomes).singleElement().asString().startsWith("refused v2 TIMEOUT").endsWith("1");
    protocol.ready(1, 0, 1, Comparison.NONE);
    protocol.checkpoint(9);
    assertThat(second).containsExactly(new Abort(1));
  }

  @Test
  void aSubtaskLostWhilePreparingIsAskedAgainWhenItIsBack() {
    ready();
    protocol.attemptFailed(1, 0);
    protocol.subtaskReset(1);
    protocol.checkpoint(7);
    assertThat(first).isEmpty();
    protocol.hello(1, 1, "v1");
    protocol.attemptReady(1, 1, second::add);
    assertThat(second).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    protocol.ready(1, 0, 1, Comparison.NONE); // The lost attempt's answer comes late.
    protocol.checkpoint(8);
    assertThat(first).isEmpty();
    protocol.ready(1, 1, 1, Comparison.NONE);
    protocol.checkpoint(9);
    assertThat(first).containsExactly(new Commit(1, "v2", 9));
    assertThat(outcomes).isEmpty();
  }

  @Test
  void theJobFailsWhenTheCheckpointOfACommitIsAborted() {
    committed();
    protocol.checkpointAborted(6);
    assertThat(outcomes).isEmpty();
    protocol.checkpointAborted(7);
    assertThat(outcomes).singleElement().asString().startsWith("fail checkpoint 7");
  }

  @Test
  void theJobFailsWhenASubtaskComesBackOnTheOldVersionAfterACommit() {
    committed();
    protocol.attemptFailed(0, 0);
    protocol.subtaskReset(0);
    protocol.hello(0, 1, "v1");
    assertThat(outcomes).singleElement().asString().startsWith("fail subtask 0 came back");
  }

  @Test
  void aSubtaskMayComeBackOnTheNewVersionAfterACommit() {
    committed();
    protocol.attemptFailed(0, 0);
    protocol.hello(0, 1, "v2"); // Its checkpoint was complete before the coordinator heard of it.
    protocol.checkpointComplete(7);
    assertThat(outcomes).containsExactly("activated v2");
  }

  @Test
  void theJobFailsWhenSubtasksDisagreeAtTheStart() {
    protocol.hello(0, 0, "v1");
    protocol.hello(1, 0, "v2");
    assertThat(outcomes).singleElement().asString().startsWith("fail subtask 1");
  }

  @Test
  void nothingStartsAfterASubtaskIsDone() {
    preparing();
    protocol.done(1, 0);
    assertThat(first).containsExactly(new Abort(1));
    assertThat(second).isEmpty();
    look(V1, V2, V3);
    assertThat(outcomes).isEmpty();
  }

  @Test
  void aPinRollsBackAndUnpinningGoesOn() {
    join(0, "v2");
    protocol.listed(new Look(List.of(V1, V2), Map.of(), Optional.of("v1")));
    assertThat(outcomes).containsExactly("validate v1");
    protocol.validated(V1);
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
    protocol.checkpoint(7);
    protocol.checkpointComplete(7);
    look(V1, V2);
    assertThat(outcomes).containsExactly("validate v1", "activated v1", "validate v2");
  }

  @Test
  void aPinOverrulesTheVersionThatIsBeingPrepared() {
    preparing();
    protocol.listed(new Look(List.of(V1, V2, V3), Map.of(), Optional.of("v1")));
    assertThat(first).containsExactly(new Abort(1));
    assertThat(outcomes).isEmpty();
  }

  @Test
  void aPinToAVersionThatIsNotThereIsSaidOnceAndScoringGoesOn() {
    join(0, "v1");
    protocol.listed(new Look(List.of(V1, V2), Map.of(), Optional.of("v9")));
    protocol.listed(new Look(List.of(V1, V2), Map.of(), Optional.of("v9")));
    assertThat(outcomes).singleElement().asString().startsWith("pin v9 ignored");
    look(V1, V2);
    assertThat(outcomes).last().isEqualTo("validate v2");
  }

  @Test
  void aPinTriesARefusedVersionOnceMore() {
    preparing();
    protocol.refused(0, 0, 1, RefusalReason.NO_SPACE, "full");
    look(V1, V2);
    assertThat(outcomes).containsExactly("refused v2 NO_SPACE subtask 0: full");
    Look pinned = new Look(List.of(V1, V2), Map.of(), Optional.of("v2"));
    protocol.listed(pinned);
    assertThat(first).containsExactly(new Abort(1), new Prepare(2, "v2", "v2 manifest", true));
    protocol.refused(0, 0, 2, RefusalReason.NO_SPACE, "still full");
    protocol.listed(pinned);
    protocol.listed(pinned);
    assertThat(outcomes)
        .endsWith(
            "refused v2 NO_SPACE subtask 0: still full",
            "pin v2 ignored: refused: NO_SPACE: subtask 0: still full");
    look(V1, V2);
    assertThat(outcomes).hasSize(3);
  }

  @Test
  void aDeltaWhoseBaseComesLateIsTriedAgain() {
    Target delta = new Target("v3", 3, "v3 manifest", Optional.of("v2"));
    join(0, "v1");
    look(V1, delta);
    protocol.invalid(delta, RefusalReason.MISSING_BASE, "v2/manifest.json");
    look(V1, delta);
    assertThat(outcomes).containsExactly("validate v3", "refused v3 MISSING_BASE v2/manifest.json");
    look(V1, V2, delta);
    assertThat(outcomes).hasSize(3).last().isEqualTo("validate v3");
    protocol.invalid(delta, RefusalReason.NOT_FINITE, "NaN");
    look(V1, V2, delta);
    assertThat(outcomes).last().isEqualTo("validate v2");
  }

  @Test
  void aPinDoesNotWaitForAVersionWhoseStorageFails() {
    preparing();
    protocol.refused(0, 0, 1, RefusalReason.STORAGE, "down");
    protocol.listed(new Look(List.of(target("v0", 0), V1, V2), Map.of(), Optional.of("v0")));
    assertThat(outcomes).last().isEqualTo("validate v0");
  }

  @Test
  void aVersionIsNotLateWhileASubtaskIsRestarted() {
    preparing();
    protocol.attemptFailed(1, 0);
    now = 3 * TIMEOUT;
    protocol.tick();
    protocol.hello(1, 1, "v1");
    protocol.attemptReady(1, 1, second::add);
    assertThat(second).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    assertThat(outcomes).isEmpty();
  }

  @Test
  void aSubtaskThatIsNotOpenYetIsNotAsked() {
    committed();
    protocol.attemptFailed(1, 0);
    protocol.checkpointComplete(7);
    protocol.attemptReady(1, 1, second::add);
    look(V1, V2, V3);
    assertThat(outcomes).containsExactly("activated v2");
    protocol.hello(1, 1, "v2");
    assertThat(outcomes).last().isEqualTo("validate v3");
  }

  @Test
  void aManifestThatCannotBeReadIsRefusedOnceAndTakenWhenItIsReplaced() {
    join(0, "v1");
    Target broken = new Target("v2", 0, "half", Optional.empty());
    var why = Map.of(broken, new Look.Unreadable(RefusalReason.INVALID, "v2/manifest.json: cut"));
    protocol.listed(new Look(List.of(V1), why, Optional.empty()));
    protocol.listed(new Look(List.of(V1), why, Optional.empty()));
    assertThat(outcomes).containsExactly("refused v2 INVALID v2/manifest.json: cut");
    CoordinatorState state = CoordinatorState.fromBytes(protocol.checkpoint(8).toBytes());
    protocol = protocol(RefreshSettings.At.CHECKPOINT, state);
    join(0, "v1");
    protocol.listed(new Look(List.of(V1), why, Optional.empty()));
    assertThat(outcomes).hasSize(1);
    look(V1, V2);
    assertThat(outcomes).last().isEqualTo("validate v2");
  }

  @Test
  void theNameOfTheActiveVersionMustNotBeUsedAgain() {
    join(0, "v2");
    look(V1, V2);
    Target again = new Target("v2", 5, "other", Optional.empty());
    look(V1, again);
    look(V1, again);
    assertThat(outcomes)
        .containsExactly(
            "refused v2 REUSED_NAME v2: expected the manifest that is in use, SHA-256 v2 manifest,"
                + " got other; a version's name must not be used again");
    CoordinatorState state = CoordinatorState.fromBytes(protocol.checkpoint(8).toBytes());
    protocol = protocol(RefreshSettings.At.CHECKPOINT, state);
    join(0, "v2");
    look(V1, again);
    assertThat(outcomes).hasSize(1);
    look(V1, again, target("v6", 6));
    assertThat(outcomes).last().isEqualTo("validate v6");
  }

  @Test
  void theNameOfABaseInUseMustNotBeUsedAgainNorBeTheBaseOfOthers() {
    Target delta = new Target("v2", 2, "v2 manifest", Optional.of("v1"));
    join(0, "v2");
    look(V1, delta);
    Target base = new Target("v1", 5, "other", Optional.empty());
    look(base, delta);
    assertThat(outcomes)
        .allMatch(refused -> refused.contains("REUSED_NAME v1: expected"))
        .extracting(refused -> refused.substring(0, 10))
        .containsExactlyInAnyOrder("refused v1", "refused v2");
    look(base, delta, new Target("v3", 6, "v3 manifest", Optional.of("v1")));
    assertThat(outcomes).hasSize(3).last().asString().startsWith("refused v3 REUSED_NAME v1");
  }

  @Test
  void aNameIsFreeAgainWhenItsVersionIsNotInUse() {
    preparing();
    protocol.refused(0, 0, 1, RefusalReason.CHECKSUM, "f");
    look(V1, new Target("v2", 2, "other", Optional.empty()));
    assertThat(outcomes).last().isEqualTo("validate v2");
  }

  @Test
  void neverGoesBackToAnOlderVersionByItself() {
    join(0, "v2");
    look(V1, V2);
    look(V1); // Retention or an operator has removed v2.
    assertThat(outcomes).isEmpty();
  }

  @Test
  void atBatchesNoCheckpointIsNeeded() {
    protocol = protocol(RefreshSettings.At.BATCH, CoordinatorState.EMPTY);
    preparing();
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
    assertThat(first).containsExactly(new Commit(1, "v2", Commit.NOW));
    assertThat(outcomes).containsExactly("activated v2");
  }

  @Test
  void atBatchesASubtaskThatFellBackIsBroughtForwardAgain() {
    protocol = protocol(RefreshSettings.At.BATCH, CoordinatorState.EMPTY);
    preparing();
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
    protocol.attemptFailed(1, 0);
    protocol.hello(1, 1, "v1");
    second.clear();
    protocol.attemptReady(1, 1, second::add);
    assertThat(second).containsExactly(new Prepare(2, "v2", "v2 manifest", true));
    assertThat(outcomes).containsExactly("activated v2");
  }

  /**
   * v1 is active on both subtasks, v2 listed and whole; a canary that waits longer than a round.
   */
  private void waiting(RefreshSettings.At at) {
    protocol = protocol(at, restored("v1"), new RefreshSettings.Canary(16, 0.25, 0.1, 100, WAIT));
    join(0, "v1");
    look(V1, V2);
    protocol.validated(V2);
    assertThat(outcomes).containsExactly("validate v2");
    outcomes.clear();
  }

  private static CoordinatorState restored(String active) {
    return new CoordinatorState(active, Map.of(), Map.of(), List.of());
  }

  private void passes(long millis) {
    now += millis;
    protocol.tick();
  }

  @Test
  void aCanaryWaitsUntilEachSubtaskHasLiveEvents() {
    waiting(RefreshSettings.At.CHECKPOINT);
    protocol.sampled(0, 0);
    passes(WAIT - 1);
    assertThat(first).isEmpty();
    protocol.sampled(1, 0);
    assertThat(first).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    protocol.ready(0, 0, 1, FOUND);
    protocol.ready(1, 0, 1, FOUND);
    assertThat(outcomes).containsExactly("compared v2 [100, 100]");
    assertThat(protocol.checkpoint(7).active()).isEqualTo("v2");
  }

  @Test
  void anIdleSubtaskIsWaitedForOnceAndThenAbstains() {
    waiting(RefreshSettings.At.BATCH);
    protocol.sampled(1, 0);
    passes(WAIT);
    assertThat(first).containsExactly(new Prepare(1, "v2", "v2 manifest", false));
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, FOUND);
    assertThat(outcomes).containsExactly("compared v2 [0, 100]", "activated v2");
    look(V1, V2, V3);
    protocol.validated(V3);
    assertThat(first).last().isEqualTo(new Prepare(2, "v3", "v3 manifest", false));
  }

  @Test
  void withoutLiveEventsTheActiveVersionGoesOnAndNoneIsRefused() {
    waiting(RefreshSettings.At.CHECKPOINT);
    for (int i = 0; i < 10; i++) {
      passes(WAIT);
    }
    assertThat(outcomes)
        .containsExactly("v2 waits: expected a subtask with 100 live events to compare, got none");
    assertThat(protocol.checkpoint(7))
        .satisfies(
            state -> {
              assertThat(state.active()).isEqualTo("v1");
              assertThat(state.refused()).isEmpty();
            });
    look(V1, V2, V3);
    protocol.validated(V3);
    assertThat(first).isEmpty();
    protocol.sampled(0, 0);
    assertThat(first).containsExactly(new Prepare(1, "v3", "v3 manifest", false));
    assertThat(outcomes).hasSize(2).last().isEqualTo("validate v3");
  }

  @Test
  void afterAFailoverTheSampleIsEmptyAgain() {
    waiting(RefreshSettings.At.CHECKPOINT);
    protocol.sampled(0, 0);
    protocol.subtaskReset(0);
    protocol.sampled(1, 0);
    protocol.attemptReady(0, 1, first::add);
    protocol.hello(0, 1, "v1");
    assertThat(first).isEmpty();
    protocol.sampled(0, 0);
    assertThat(first).isEmpty();
    protocol.sampled(0, 1);
    assertThat(first).hasSize(1);
  }

  @Test
  void aVersionThatNoSubtaskHasComparedIsTriedAgainLater() {
    waiting(RefreshSettings.At.BATCH);
    protocol.sampled(0, 0);
    passes(WAIT);
    protocol.subtaskReset(0); // The one that had seen events.
    protocol.attemptReady(0, 1, first::add);
    protocol.hello(0, 1, "v1");
    protocol.ready(0, 1, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
    assertThat(second).last().isEqualTo(new Abort(1));
    assertThat(protocol.active()).isEqualTo("v1");
    protocol.sampled(1, 0);
    passes(WAIT);
    assertThat(second).last().isEqualTo(new Prepare(2, "v2", "v2 manifest", false));
  }

  @Test
  void aPinIsTakenWithoutLiveEvents() {
    waiting(RefreshSettings.At.CHECKPOINT);
    protocol.listed(new Look(List.of(V1, V2), Map.of(), Optional.of("v2")));
    assertThat(first).containsExactly(new Prepare(1, "v2", "v2 manifest", true));
    protocol.ready(0, 0, 1, Comparison.NONE);
    protocol.ready(1, 0, 1, Comparison.NONE);
    assertThat(outcomes).containsExactly("compared v2 [0, 0]");
    look(V1, V2); // Without the pin it is as any other.
    assertThat(first).last().isEqualTo(new Abort(1));
    assertThat(protocol.checkpoint(7).active()).isEqualTo("v1");
  }

  @Test
  void aPinThatComesWhileItsVersionIsPreparedCountsAtOnce() {
    preparing();
    protocol.listed(new Look(List.of(V1, V2), Map.of(), Optional.of("v2")));
    assertThat(first).containsExactly(new Abort(1), new Prepare(2, "v2", "v2 manifest", true));
  }

  @Test
  void saysOnceThatAStartIsComparedWithNothing() {
    RefreshSettings.Canary canary = new RefreshSettings.Canary(16, 0.25, 0.1);
    protocol = protocol(RefreshSettings.At.CHECKPOINT, CoordinatorState.EMPTY, canary);
    join(0, "v1");
    assertThat(outcomes).containsExactly("uncompared v1 after ");
    protocol = protocol(RefreshSettings.At.CHECKPOINT, restored("v1"), canary);
    join(0, "v2");
    assertThat(outcomes).hasSize(2).last().isEqualTo("uncompared v2 after v1");
  }

  private final class Recorder implements RefreshProtocol.Effects {
    @Override
    public void validate(Target target) {
      outcomes.add("validate " + target.version());
    }

    @Override
    public void failJob(String why) {
      outcomes.add("fail " + why);
    }

    @Override
    public void uncompared(String version, String restored) {
      outcomes.add("uncompared " + version + " after " + restored);
    }

    @Override
    public void waits(Target target, String why) {
      outcomes.add(target.version() + " waits: " + why);
    }

    @Override
    public void compared(Target target, List<Comparison> found) {
      outcomes.add(
          "compared " + target.version() + " " + found.stream().map(Comparison::events).toList());
    }

    @Override
    public void refused(Target target, RefusalReason reason, String detail) {
      outcomes.add("refused " + target.version() + " " + reason + " " + detail);
    }

    @Override
    public void pinIgnored(String version, String why) {
      outcomes.add("pin " + version + " ignored: " + why);
    }

    @Override
    public void activated(Target target) {
      outcomes.add("activated " + target.version());
    }
  }
}
