package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Abort;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Commit;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Done;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Hello;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Prepare;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Ready;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Refused;
import io.github.flinkdeepfm.operators.refresh.RefreshEvent.Sampled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subtask's side of a refresh, without Flink. All calls come from one thread, the subtask's; only
 * the preparation of a version runs elsewhere.
 *
 * @param <C> a version made ready by the host; closed if it does not become active, which must not
 *     block the subtask's thread
 */
public final class RefreshParticipant<C extends RefreshParticipant.Candidate> {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshParticipant.class);

  /** A version made ready. */
  public interface Candidate extends AutoCloseable {
    /** What the canary found; {@link Comparison#NONE} if it compared nothing. */
    Comparison compared();
  }

  /** Who scores. */
  public interface Host<C> {
    /** Name of the version that scores now. */
    String active();

    /**
     * Starts to load, check and warm up a version elsewhere; called on the subtask's thread and
     * does not block. A {@link RefusedVersionException} says why it cannot be used.
     *
     * @param manifest SHA-256 of the manifest that is meant, in hexadecimal
     * @param ordered whether it is taken whatever live events say of it
     */
    CompletableFuture<C> prepare(String version, String manifest, boolean ordered);

    /**
     * What is being prepared is not wanted any more: ends it soon, without blocking, whatever
     * becomes of its future.
     */
    void abandon();

    /** Finishes what is under way with the old version, and goes on with this one. */
    void activate(C prepared);
  }

  private final Consumer<RefreshEvent> coordinator;
  private final Executor subtaskThread;
  private final Host<C> host;

  private Preparation<C> current;

  private static final class Preparation<C> {
    final long round;
    final String version;
    CompletableFuture<C> prepared = CompletableFuture.completedFuture(null);
    boolean ready;
    boolean committed;
    long checkpoint;

    Preparation(long round, String version) {
      this.round = round;
      this.version = version;
    }
  }

  RefreshParticipant(Consumer<RefreshEvent> coordinator, Executor subtaskThread, Host<C> host) {
    this.coordinator = coordinator;
    this.subtaskThread = subtaskThread;
    this.host = host;
  }

  /** The active version is loaded. */
  public void opened() {
    coordinator.accept(new Hello(host.active()));
  }

  /** There are as many live events as the canary asks for; to be said once. */
  public void sampled() {
    coordinator.accept(new Sampled());
  }

  /** The input has ended. */
  public void inputEnded() {
    coordinator.accept(new Done());
  }

  /**
   * The barrier of a checkpoint comes next; the host has flushed all events before it.
   *
   * @return whether another version is active after it
   */
  public boolean beforeBarrier(long checkpoint) {
    if (current == null || !current.committed || checkpoint < current.checkpoint) {
      return false;
    }
    activate();
    return true;
  }

  /** Lets go of what is prepared. */
  public void close() {
    discard();
  }

  void handle(RefreshEvent event) {
    if (event instanceof Prepare prepare) {
      prepare(prepare);
    } else if (event instanceof Abort abort) {
      if (current != null && current.round == abort.round()) {
        discard();
      }
    } else if (event instanceof Commit commit) {
      commit(commit);
    } else {
      throw new IllegalStateException("expected an event of the coordinator, got " + event);
    }
  }

  private void prepare(Prepare event) {
    if (current != null && current.round == event.round()) {
      if (current.ready) {
        ready(current);
      }
      return;
    }
    discard();
    Preparation<C> preparation = new Preparation<>(event.round(), event.version());
    current = preparation;
    if (event.version().equals(host.active())) {
      ready(preparation);
      return;
    }
    preparation.prepared = host.prepare(event.version(), event.manifest(), event.ordered());
    preparation.prepared.whenComplete(
        (prepared, failure) -> {
          try {
            subtaskThread.execute(() -> prepared(preparation, failure));
          } catch (RejectedExecutionException e) {
            LOG.debug("the task has ended meanwhile", e);
          }
        });
  }

  private void prepared(Preparation<C> preparation, Throwable failure) {
    if (preparation != current) {
      return;
    }
    if (failure != null) {
      current = null;
      coordinator.accept(refusal(preparation, failure));
    } else {
      ready(preparation);
    }
  }

  private void ready(Preparation<C> preparation) {
    preparation.ready = true;
    C prepared = preparation.prepared.join(); // Done: it is ready. None for what is active already.
    coordinator.accept(
        new Ready(preparation.round, prepared == null ? Comparison.NONE : prepared.compared()));
  }

  private static Refused refusal(Preparation<?> preparation, Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof RefusedVersionException refused) {
      return new Refused(preparation.round, refused.reason(), refused.getMessage());
    }
    LOG.warn("model {} could not be prepared", preparation.version, cause);
    return new Refused(preparation.round, RefusalReason.INVALID, cause.toString());
  }

  private void commit(Commit event) {
    if (current == null || current.round != event.round() || !current.ready) {
      throw new IllegalStateException(
          "expected model "
              + event.version()
              + " to be ready when it is committed, got "
              + (current == null ? "nothing prepared" : "model " + current.version));
    }
    current.committed = true;
    current.checkpoint = event.checkpoint();
    if (event.checkpoint() == Commit.NOW) {
      activate();
    }
  }

  private void activate() {
    C prepared = current.prepared.join(); // Done: it is ready.
    if (prepared != null) {
      host.activate(prepared);
    }
    current = null; // Not before: what the host fails to take is closed with this.
  }

  /** Does not rely on the subtask's thread, which drops what it has not begun when a task ends. */
  private void discard() {
    if (current != null) {
      if (!current.prepared.isDone()) {
        host.abandon();
      }
      var unused = current.prepared.whenComplete((prepared, failure) -> close(prepared));
      current = null;
    }
  }

  private static void close(AutoCloseable prepared) {
    if (prepared != null) {
      try {
        prepared.close();
      } catch (Exception e) {
        LOG.warn("a prepared model could not be closed", e);
      }
    }
  }
}
