package io.github.flinkdeepfm.operators.refresh;

import io.github.flinkdeepfm.model.InvalidConfigurationException;
import io.github.flinkdeepfm.model.publish.ModelStorage;
import io.github.flinkdeepfm.operators.storage.ModelStorages;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.OperatorCoordinator;
import org.apache.flink.runtime.operators.coordination.OperatorEvent;
import org.apache.flink.runtime.operators.coordination.RecreateOnResetOperatorCoordinator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the model root and runs {@link RefreshProtocol} over all subtasks of the micro-batch
 * operator. Runs in the JobManager, without ND4J.
 *
 * <p>Threads: every call of Flink goes to one thread of its own, so that events and checkpoints
 * keep their order; the storage, which may be slow, is watched in a second one and versions are
 * checked in a third. An unfinished future here would stall a checkpoint.
 */
final class ModelCoordinator implements OperatorCoordinator {
  private static final Logger LOG = LoggerFactory.getLogger(ModelCoordinator.class);
  private static final long MAX_TICK_MILLIS = 1_000;

  private final Context context;
  private final RefreshSettings settings;

  private CoordinatorState restored = CoordinatorState.EMPTY;
  private ScheduledExecutorService loop;
  private ScheduledExecutorService storageThread;
  private ExecutorService checkThread;
  private RefreshProtocol protocol;
  private CoordinatorMetrics metrics;
  private ActiveHistory history;
  private RootWatcher watcher;
  private InUseMarker marker;
  private VersionCheck versionCheck;
  private Future<?> runningCheck;

  private volatile String active = "";
  private volatile long activeCreatedAt = -1;
  private volatile long lastLook;
  private volatile Target checking;
  private volatile Set<String> watched = Set.of();
  private volatile List<ActiveHistory.Stay> stays = List.of();

  /** Of the root's storage; a metric says all the time that it is not read. */
  private final Complaints complaints = new Complaints();

  /** Makes a fresh coordinator whenever the job falls back to a checkpoint. */
  static final class Provider extends RecreateOnResetOperatorCoordinator.Provider {
    private static final long serialVersionUID = 1L;

    private final RefreshSettings settings;

    Provider(OperatorID operator, RefreshSettings settings) {
      super(operator);
      this.settings = settings;
    }

    @Override
    protected OperatorCoordinator getCoordinator(Context context) {
      return new ModelCoordinator(context, settings);
    }
  }

  ModelCoordinator(Context context, RefreshSettings settings) {
    this.context = context;
    this.settings = settings;
  }

  @Override
  public void start() {
    lastLook = System.currentTimeMillis();
    loop = Executors.newSingleThreadScheduledExecutor(threads("model-coordinator"));
    storageThread = Executors.newSingleThreadScheduledExecutor(threads("model-root"));
    checkThread = Executors.newSingleThreadExecutor(threads("model-check"));
    metrics =
        new CoordinatorMetrics(
            context.metricGroup(),
            () -> active,
            () -> activeCreatedAt < 0 ? -1 : secondsSince(activeCreatedAt),
            () -> secondsSince(lastLook),
            settings.canary() != null);
    history = new ActiveHistory(restored.stays());
    stays = history.stays();
    protocol =
        new RefreshProtocol(
            settings,
            restored,
            context.currentParallelism(),
            new Outcomes(),
            () -> System.nanoTime() / 1_000_000);
    long tick = Math.min(MAX_TICK_MILLIS, settings.pollMillis());
    loop.scheduleWithFixedDelay(() -> run(protocol::tick), tick, tick, TimeUnit.MILLISECONDS);
    storageThread.scheduleWithFixedDelay(
        this::look, 0, settings.pollMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    if (loop != null) {
      loop.shutdownNow();
      storageThread.shutdownNow();
      checkThread.shutdownNow();
    }
  }

  /** Waits, after {@link #close}, until nothing of this uses the root any more. */
  boolean awaitStorage(long millis) throws InterruptedException {
    return storageThread.awaitTermination(millis, TimeUnit.MILLISECONDS)
        && checkThread.awaitTermination(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void resetToCheckpoint(long checkpoint, byte[] data) {
    restored = data == null ? CoordinatorState.EMPTY : CoordinatorState.fromBytes(data);
  }

  @Override
  public void handleEventFromOperator(int subtask, int attempt, OperatorEvent event) {
    post(
        () -> {
          if (event instanceof RefreshEvent.Hello hello) {
            protocol.hello(subtask, attempt, hello.active());
          } else if (event instanceof RefreshEvent.Ready ready) {
            protocol.ready(subtask, attempt, ready.round(), ready.compared());
          } else if (event instanceof RefreshEvent.Sampled) {
            protocol.sampled(subtask, attempt);
          } else if (event instanceof RefreshEvent.Refused no) {
            protocol.refused(subtask, attempt, no.round(), no.reason(), no.detail());
          } else if (event instanceof RefreshEvent.Done) {
            protocol.done(subtask, attempt);
          } else {
            throw new IllegalStateException("expected an event of a subtask, got " + event);
          }
        });
  }

  @Override
  public void checkpointCoordinator(long checkpoint, CompletableFuture<byte[]> result) {
    try {
      loop.execute(
          () -> {
            try {
              // In one thread, COMMIT first: Flink then delivers it ahead of the barrier.
              CoordinatorState state = protocol.checkpoint(checkpoint);
              result.complete(state.withStays(history.stays()).toBytes());
            } catch (RuntimeException | Error e) {
              result.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(e);
    }
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) {
    post(() -> protocol.checkpointComplete(checkpoint));
  }

  @Override
  public void notifyCheckpointAborted(long checkpoint) {
    post(() -> protocol.checkpointAborted(checkpoint));
  }

  @Override
  public void subtaskReset(int subtask, long checkpoint) {
    post(() -> protocol.subtaskReset(subtask));
  }

  @Override
  public void executionAttemptFailed(int subtask, int attempt, Throwable reason) {
    post(() -> protocol.attemptFailed(subtask, attempt));
  }

  @Override
  public void executionAttemptReady(int subtask, int attempt, SubtaskGateway gateway) {
    post(
        () ->
            protocol.attemptReady(
                subtask,
                attempt,
                event -> {
                  // A gateway that fails has failed its task already.
                  var unused = gateway.sendEvent(event);
                }));
  }

  private void look() {
    try {
      if (watcher == null) {
        ModelStorage storage = ModelStorages.open(settings.root(), settings.storageLimitMillis());
        versionCheck = new VersionCheck(storage);
        marker = new InUseMarker(storage, jobName(), context.getJobID().toString());
        watcher = new RootWatcher(storage, Optional.ofNullable(settings.pin()));
      }
      Look look = watcher.look(watched);
      lastLook = System.currentTimeMillis();
      post(() -> protocol.listed(look));
      marker.write(stays, lastLook);
    } catch (IOException | InvalidConfigurationException e) {
      complain(e);
    } catch (RuntimeException | Error e) { // What is thrown here would end the watch for good.
      complain(e);
      LOG.debug("unexpected", e);
    }
  }

  private String jobName() {
    return context.metricGroup().getAllVariables().getOrDefault("<job_name>", "job");
  }

  private void complain(Throwable e) {
    if (!loop.isShutdown() && complaints.isDue(e.toString(), System.nanoTime() / 1_000_000)) {
      LOG.warn(
          "model root {} not read for {} s, model {} goes on: {}",
          settings.root(),
          secondsSince(lastLook),
          active,
          e.toString());
    }
  }

  private void check(Target target) {
    try {
      versionCheck.check(target, () -> !target.equals(checking));
      post(() -> protocol.validated(target));
    } catch (CancellationException e) {
      overruled(target);
    } catch (RefusedVersionException e) {
      post(() -> protocol.invalid(target, e.reason(), e.getMessage()));
    } catch (IOException | RuntimeException | Error e) { // Unanswered, no version follows.
      if (target.equals(checking)) {
        post(() -> protocol.invalid(target, RefusalReason.STORAGE, e.toString()));
      } else {
        overruled(target);
      }
    }
  }

  private static void overruled(Target target) {
    LOG.info("check of model {} ended: another one is wanted", target.version());
  }

  private void post(Runnable action) {
    try {
      loop.execute(() -> run(action));
    } catch (RejectedExecutionException e) {
      LOG.debug("coordinator is closed", e);
    }
  }

  /** On the loop's thread. */
  private void run(Runnable action) {
    try {
      action.run();
      active = protocol.active();
      activeCreatedAt = protocol.activeCreatedAt().orElse(-1L);
      watched = protocol.watched();
      if (history.note(active, System.currentTimeMillis())) {
        stays = history.stays();
      }
    } catch (RuntimeException | Error e) {
      context.failJob(e);
    }
  }

  private ThreadFactory threads(String name) {
    return runnable -> {
      Thread thread = new Thread(runnable, name + "-" + context.getOperatorId());
      thread.setDaemon(true);
      thread.setContextClassLoader(context.getUserCodeClassloader());
      return thread;
    };
  }

  private static long secondsSince(long millis) {
    return (System.currentTimeMillis() - millis) / 1_000;
  }

  private final class Outcomes implements RefreshProtocol.Effects {
    @Override
    public void validate(Target target) {
      checking = target;
      if (runningCheck != null) {
        runningCheck.cancel(true); // It may hang.
      }
      runningCheck = checkThread.submit(() -> check(target));
    }

    @Override
    public void failJob(String why) {
      context.failJob(new IllegalStateException(why));
    }

    @Override
    public void uncompared(String version, String restored) {
      LOG.info(
          "model {} starts without a canary: {}",
          version,
          restored.isEmpty()
              ? "there is no version before it to compare it with"
              : "it was asked for in place of model " + restored + ", which the state names");
    }

    @Override
    public void waits(Target target, String why) {
      LOG.warn(
          "model {} waits for the canary, model {} goes on: {}; a pin takes it without waiting",
          target.version(),
          protocol.active(),
          why);
    }

    @Override
    public void compared(Target target, List<Comparison> found) {
      List<Comparison> some = found.stream().filter(c -> !c.isNone()).toList();
      Optional<Comparison> all = some.stream().reduce(Comparison::and);
      metrics.compared(all.orElse(Comparison.NONE));
      if (all.isEmpty()) {
        LOG.warn(
            "model {} is taken without a canary: it is pinned or active already, and no subtask has"
                + " {} live events to compare",
            target.version(),
            settings.canary().minEvents());
        return;
      }
      LOG.info(
          "canary of model {}: {} live events compared with model {} on {} of {} subtasks, {} without"
              + " a finite score, largest PSI {} (at most {}), largest mean shift {} (at most {})",
          target.version(),
          all.get().events(),
          protocol.active(),
          some.size(),
          found.size(),
          all.get().missing(),
          "%.4f".formatted(all.get().psi()),
          settings.canary().maxPsi(),
          "%.4f".formatted(all.get().meanShift()),
          settings.canary().maxMeanShift());
    }

    @Override
    public void refused(Target target, RefusalReason reason, String detail) {
      metrics.refused(reason);
      LOG.warn(
          "model {} refused ({}), model {} goes on: {}",
          target.version(),
          reason,
          protocol.active(),
          detail);
    }

    @Override
    public void pinIgnored(String version, String why) {
      LOG.warn("pin {} ignored, model {} goes on: {}", version, protocol.active(), why);
    }

    @Override
    public void activated(Target target) {
      metrics.refreshed();
      LOG.info("model {} is active on all subtasks", target.version());
    }
  }
}
