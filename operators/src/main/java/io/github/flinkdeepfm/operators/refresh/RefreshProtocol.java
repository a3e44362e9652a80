package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Abort;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * The coordinator's side of a refresh, without Flink, threads or storage: one version at a time is
 * prepared by every subtask and then made active by all of them at one checkpoint.
 *
 * <p>With a canary a version waits until every subtask has enough live events, or has been there
 * long enough to have had them, and at least one has: each of those compares, and no version
 * becomes active that none of them has compared. What an operator pins does not wait.
 *
 * <pre>
 *   idle ─ prepare ─▶ PREPARING ─ all ready ─▶ READY ─ checkpoint N ─▶ COMMITTED ─ N complete ─▶ idle
 *     ▲                  │  ▲                    │                        │
 *     └── refused, late ─┘  └─── subtask lost ───┘                        └─ N aborted: the job fails
 * </pre>
 *
 * <p>Between COMMITTED and completion no single subtask may fall back to the old version beside one
 * on the new: whenever that could happen the whole job restarts from its last completed checkpoint.
 */
final class RefreshProtocol {

  /** What the protocol has done in the world. */
  interface Effects {
    /**
     * Checks a version once; answered by {@link #validated} or {@link #invalid}. Another one that
     * is being checked does not matter any more.
     */
    void validate(Target target);

    void failJob(String why);

    /**
     * The job starts with a version that no canary has seen.
     *
     * @param restored the version of the restored state; "" for none
     */
    void uncompared(String version, String restored);

    /** A version cannot be compared yet; said once until one is. */
    void waits(Target target, String why);

    /**
     * All subtasks are ready for a version.
     *
     * @param found one for each subtask
     */
    void compared(Target target, List<Comparison> found);

    void refused(Target target, RefusalReason reason, String detail);

    void activated(Target target);

    /** The pinned version cannot be taken; said once for each reason. */
    void pinIgnored(String version, String why);
  }

  /** The way to one running attempt of a subtask. */
  interface Gateway {
    void send(RefreshEvent event);
  }

  private enum Phase {
    PREPARING,
    READY,
    COMMITTED
  }

  private static final class Round {
    final long id;
    final Target target;
    final boolean ordered;
    Phase phase = Phase.PREPARING;
    long deadline;
    long checkpoint;

    Round(long id, Target target, boolean ordered, long deadline) {
      this.id = id;
      this.target = target;
      this.ordered = ordered;
      this.deadline = deadline;
    }
  }

  private static final class Subtask {
    int attempt = -1;
    Gateway gateway;
    String active;
    long since;
    boolean sampled;
    boolean ready;
    Comparison compared = Comparison.NONE;
    boolean done;

    boolean isThere() {
      return gateway != null && active != null;
    }

    void reset() {
      gateway = null;
      active = null;
      sampled = false;
      ready = false;
      done = false;
    }
  }

  private static final long MAX_BACKOFF_MILLIS = 60_000;

  private final RefreshSettings settings;
  private final Effects effects;
  private final LongSupplier clock;
  private final VersionChoice choice;
  private final String restored;
  private final Subtask[] subtasks;

  private String active = "";
  private Round round;
  private long lastRound;
  private Target validating;
  private Target validated;
  private boolean failed;
  private int failures;
  private long retryAt;
  private Target retried;
  private boolean waitTold;
  private Optional<String> complaint = Optional.empty();

  /**
   * @param clock milliseconds that only go up
   */
  RefreshProtocol(
      RefreshSettings settings,
      CoordinatorState restored,
      int parallelism,
      Effects effects,
      LongSupplier clock) {
    this.settings = settings;
    this.effects = effects;
    this.clock = clock;
    this.choice = new VersionChoice(restored);
    this.restored = restored.active();
    this.subtasks = new Subtask[parallelism];
    Arrays.setAll(subtasks, i -> new Subtask());
  }

  void listed(Look look) {
    choice.look(look, active);
    look.unreadable().forEach((target, why) -> refuseOnce(target, why.reason(), why.detail()));
    choice
        .reused()
        .forEach((target, detail) -> refuseOnce(target, RefusalReason.REUSED_NAME, detail));
    complainOfPin(look.pin());
    if (round != null && round.phase != Phase.COMMITTED && isOverruled()) {
      abortRound();
    }
    advance();
  }

  /** By a pin of another version, or because a pin of this one came or went. */
  private boolean isOverruled() {
    return (choice.isPinned() && !choice.wanted(active).equals(Optional.of(round.target)))
        || (round.ordered && !isOrdered(round.target))
        || (!round.ordered && round.phase == Phase.PREPARING && isOrdered(round.target));
  }

  /** Whether a version is taken whatever live events say: it is pinned, or the job's already. */
  private boolean isOrdered(Target target) {
    return choice.isPinned() || target.version().equals(active);
  }

  void validated(Target target) {
    if (!target.equals(validating)) {
      return;
    }
    validating = null;
    validated = target;
    advance();
  }

  void invalid(Target target, RefusalReason reason, String detail) {
    if (!target.equals(validating)) {
      return;
    }
    validating = null;
    refuse(target, reason, detail);
    advance();
  }

  void attemptReady(int index, int attempt, Gateway gateway) {
    Subtask subtask = current(index, attempt);
    if (subtask != null) {
      subtask.gateway = gateway;
      joined(subtask);
    }
  }

  void hello(int index, int attempt, String version) {
    Subtask subtask = current(index, attempt);
    if (subtask == null) {
      return;
    }
    subtask.active = version;
    subtask.since = clock.getAsLong();
    if (active.isEmpty()) {
      active = version;
      if (settings.canary() != null && !version.equals(restored)) {
        effects.uncompared(version, restored);
      }
    }
    boolean committed = round != null && round.phase == Phase.COMMITTED;
    boolean agrees = committed ? version.equals(round.target.version()) : version.equals(active);
    if (!agrees && settings.at() == RefreshSettings.At.CHECKPOINT) {
      failJob(
          "subtask %d came back with model %s while the others %s %s"
              .formatted(
                  index,
                  version,
                  committed ? "switch to" : "score with",
                  committed ? round.target.version() : active));
      return;
    }
    joined(subtask);
  }

  /** The subtask has as many live events as the canary asks for. */
  void sampled(int index, int attempt) {
    Subtask subtask = current(index, attempt);
    if (subtask != null) {
      subtask.sampled = true;
      advance();
    }
  }

  void ready(int index, int attempt, long roundId, Comparison compared) {
    Subtask subtask = current(index, attempt);
    if (subtask == null || !subtask.isThere() || !isPreparing(roundId)) {
      return;
    }
    subtask.ready = true;
    subtask.compared = compared;
    if (Arrays.stream(subtasks).allMatch(s -> s.ready)) {
      allReady();
    }
  }

  private void allReady() {
    List<Comparison> found = Arrays.stream(subtasks).map(s -> s.compared).toList();
    if (settings.canary() != null) {
      if (!round.ordered && found.stream().allMatch(Comparison::isNone)) {
        Target target = round.target;
        abortRound();
        retryLater(target);
        tellWait(target);
        return;
      }
      effects.compared(round.target, found);
    }
    round.phase = Phase.READY;
    if (settings.at() == RefreshSettings.At.BATCH) {
      commit(Commit.NOW);
      completeRound();
    }
  }

  void refused(int index, int attempt, long roundId, RefusalReason reason, String detail) {
    if (current(index, attempt) != null && isPreparing(roundId)) {
      refuseRound(reason, "subtask " + index + ": " + detail);
      advance();
    }
  }

  /** The subtask's input has ended: it prepares nothing any more. */
  void done(int index, int attempt) {
    Subtask subtask = current(index, attempt);
    if (subtask != null) {
      subtask.done = true;
      if (round != null && round.phase != Phase.COMMITTED) {
        abortRound();
      }
    }
  }

  void attemptFailed(int index, int attempt) {
    if (subtasks[index].attempt == attempt) {
      lost(subtasks[index]);
    }
  }

  void subtaskReset(int index) {
    lost(subtasks[index]);
  }

  /**
   * Sends COMMIT if all subtasks are ready, and returns what the checkpoint keeps. The caller
   * completes the checkpoint's future after this, in the same thread: then the barrier comes behind
   * the COMMIT.
   */
  CoordinatorState checkpoint(long checkpoint) {
    if (round != null && round.phase == Phase.READY && !failed) {
      commit(checkpoint);
    }
    boolean committed = round != null && round.phase == Phase.COMMITTED;
    return new CoordinatorState(
        committed ? round.target.version() : active,
        choice.refused(),
        committed ? manifests(round.target) : choice.inUse(),
        List.of());
  }

  private Map<String, String> manifests(Target target) {
    Map<String, String> manifests = new TreeMap<>();
    choice.chain(target).forEach(link -> manifests.put(link.version(), link.manifest()));
    return manifests;
  }

  void checkpointComplete(long checkpoint) {
    if (round != null && round.phase == Phase.COMMITTED && checkpoint >= round.checkpoint) {
      completeRound();
      advance();
    }
  }

  /**
   * Some subtasks may have passed the barrier and others not, so that the next completed checkpoint
   * would hold scores of both versions.
   */
  void checkpointAborted(long checkpoint) {
    if (round != null && round.phase == Phase.COMMITTED && checkpoint == round.checkpoint) {
      failJob(
          "checkpoint %d, at which model %s was to become active, was aborted"
              .formatted(checkpoint, round.target.version()));
    }
  }

  /** Looks at the time; to be called now and then. */
  void tick() {
    if (round != null && Arrays.stream(subtasks).anyMatch(s -> !s.isThere())) {
      // Time in which a subtask is restarted says nothing of the version.
      round.deadline = clock.getAsLong() + settings.prepareTimeoutMillis();
    }
    boolean late =
        round != null && round.phase == Phase.PREPARING && clock.getAsLong() - round.deadline >= 0;
    if (late) {
      StringBuilder missing = new StringBuilder();
      for (int i = 0; i < subtasks.length; i++) {
        missing.append(subtasks[i].ready ? "" : " " + i);
      }
      refuseRound(
          RefusalReason.TIMEOUT,
          "expected all subtasks to be ready within %d ms, got no answer of%s"
              .formatted(settings.prepareTimeoutMillis(), missing));
    }
    advance();
  }

  /** The version that all subtasks score with; "" before the first of them is open. */
  String active() {
    return active;
  }

  /** Names of which it matters soon whether they were published again with another manifest. */
  Set<String> watched() {
    Set<String> names = new TreeSet<>(choice.inUse().keySet());
    names.addAll(choice.refused().keySet());
    for (Target target : Arrays.asList(validating, validated, retried)) {
      if (target != null) {
        choice.chain(target).forEach(link -> names.add(link.version()));
      }
    }
    return names;
  }

  /** When the active version was made, in epoch milliseconds; empty if not known. */
  Optional<Long> activeCreatedAt() {
    return choice.createdAt(active);
  }

  private void advance() {
    if (failed || round != null || active.isEmpty()) {
      return;
    }
    Optional<Target> wanted = choice.wanted(active);
    if (wanted.isEmpty()
        || (wanted.get().equals(retried) && clock.getAsLong() - retryAt < 0)
        || Arrays.stream(subtasks).anyMatch(s -> !s.isThere() || s.done)
        || Arrays.stream(subtasks).allMatch(s -> s.active.equals(wanted.get().version()))) {
      return;
    }
    if (wanted.get().equals(validated)) {
      if (!awaitsLiveEvents(wanted.get())) {
        start(wanted.get());
      }
    } else if (validating == null || (choice.isPinned() && !validating.equals(wanted.get()))) {
      validating = wanted.get();
      effects.validate(validating);
    }
  }

  /**
   * Whether the canary has too little to compare. Without a round, so that nothing is loaded and no
   * time runs out meanwhile: the active version goes on, and a newer one may take this one's place.
   */
  private boolean awaitsLiveEvents(Target target) {
    RefreshSettings.Canary canary = settings.canary();
    if (canary == null || isOrdered(target)) {
      return false;
    }
    long now = clock.getAsLong();
    if (Arrays.stream(subtasks)
        .anyMatch(s -> !s.sampled && now - s.since < canary.maxWaitMillis())) {
      return true;
    }
    if (Arrays.stream(subtasks).anyMatch(s -> s.sampled)) {
      return false;
    }
    tellWait(target);
    return true;
  }

  private void tellWait(Target target) {
    if (!waitTold) {
      waitTold = true;
      effects.waits(
          target,
          "expected a subtask with %d live events to compare, got none"
              .formatted(settings.canary().minEvents()));
    }
  }

  private void start(Target target) {
    long deadline = clock.getAsLong() + settings.prepareTimeoutMillis();
    round = new Round(++lastRound, target, isOrdered(target), deadline);
    for (Subtask subtask : subtasks) {
      subtask.ready = false;
      subtask.gateway.send(prepare());
    }
  }

  private void joined(Subtask subtask) {
    if (!subtask.isThere() || failed) {
      return;
    }
    if (round == null) {
      advance();
    } else if (round.phase == Phase.PREPARING) {
      subtask.gateway.send(prepare());
    }
  }

  private Prepare prepare() {
    return new Prepare(round.id, round.target.version(), round.target.manifest(), round.ordered);
  }

  private void lost(Subtask subtask) {
    subtask.reset();
    if (round != null && round.phase != Phase.COMMITTED) {
      round.phase = Phase.PREPARING;
      round.deadline = clock.getAsLong() + settings.prepareTimeoutMillis();
    }
  }

  private void commit(long checkpoint) {
    round.phase = Phase.COMMITTED;
    round.checkpoint = checkpoint;
    for (Subtask subtask : subtasks) {
      subtask.gateway.send(new Commit(round.id, round.target.version(), checkpoint));
    }
  }

  private void completeRound() {
    active = round.target.version();
    failures = 0;
    waitTold = false;
    for (Subtask subtask : subtasks) {
      if (subtask.active != null) { // One that is being restarted says so itself when it is open.
        subtask.active = active;
      }
    }
    Target target = round.target;
    round = null;
    choice.activated(target);
    effects.activated(target);
  }

  private void refuseRound(RefusalReason reason, String detail) {
    Target target = round.target;
    abortRound();
    refuse(target, reason, detail);
  }

  private void refuse(Target target, RefusalReason reason, String detail) {
    if (reason.isTransient()) {
      retryLater(target);
    } else {
      choice.refuse(target, reason + ": " + detail);
    }
    effects.refused(target, reason, detail);
  }

  private void retryLater(Target target) {
    failures = target.equals(retried) ? Math.min(failures + 1, 16) : 1;
    retried = target;
    retryAt = clock.getAsLong() + Math.min(MAX_BACKOFF_MILLIS, settings.pollMillis() << failures);
  }

  private void refuseOnce(Target target, RefusalReason reason, String detail) {
    if (!choice.isRefused(target)) {
      choice.refuse(target, reason + ": " + detail);
      effects.refused(target, reason, detail);
    }
  }

  private void abortRound() {
    for (Subtask subtask : subtasks) {
      subtask.ready = false;
      if (subtask.gateway != null && !subtask.done) {
        subtask.gateway.send(new Abort(round.id));
      }
    }
    round = null;
  }

  private void complainOfPin(Optional<String> pin) {
    Optional<String> now = pin.flatMap(choice::whyNot);
    if (now.isPresent() && !now.equals(complaint)) {
      effects.pinIgnored(pin.get(), now.get());
    }
    complaint = now;
  }

  private void failJob(String why) {
    if (!failed) {
      failed = true;
      effects.failJob(why);
    }
  }

  private boolean isPreparing(long roundId) {
    return round != null && round.id == roundId && round.phase == Phase.PREPARING;
  }

  /** Null if the attempt is one that a later one has replaced. */
  private Subtask current(int index, int attempt) {
    Subtask subtask = subtasks[index];
    if (attempt < subtask.attempt) {
      return null;
    }
    if (attempt > subtask.attempt) {
      lost(subtask);
      subtask.attempt = attempt;
    }
    return subtask;
  }
}
