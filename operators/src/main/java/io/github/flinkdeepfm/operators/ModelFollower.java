package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import io.github.flinkdeepfm.operators.refresh.RootFollower;
import io.github.flinkdeepfm.operators.refresh.RootFollower.Wanted;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the models of one {@link DirectScorer}: the one that scores, and beside it the next one,
 * made ready on a thread of its own, until it is taken.
 */
final class ModelFollower<T> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFollower.class);

  private final SlotModels<T> models;
  private final ScoringSettings settings;
  private final Function<ServingModel, ?> encoders;
  private final Counter refreshes;
  private final Map<RefusalReason, Counter> refusals = new EnumMap<>(RefusalReason.class);
  private final RootFollower root;
  private ScheduledExecutorService poller;
  private String lastTrouble = "";

  /** Under this: what the scoring thread and the poller share. */
  private ModelStore.Lease lease;

  private PreparedModel<T> next;
  private Wanted nextWanted;
  private boolean closed;

  /**
   * @param encoders refuses a version by throwing
   */
  ModelFollower(
      SlotModels<T> models,
      ScoringSettings settings,
      Function<ServingModel, ?> encoders,
      MetricGroup group)
      throws IOException {
    this.models = models;
    this.settings = settings;
    this.encoders = encoders;
    root = settings.refresh() == null ? null : new RootFollower(settings.refresh());
    refreshes = group.counter(MetricNames.REFRESHES);
    for (RefusalReason reason : RefusalReason.values()) {
      refusals.put(
          reason, group.addGroup(MetricNames.REASON, reason.name()).counter(MetricNames.REFUSALS));
    }
  }

  /**
   * Loads the version that is wanted now, or, if the root cannot be read, the one that was wanted
   * when the settings were made; then follows the root.
   */
  ModelStore.Lease start() throws Exception {
    if (root == null) {
      ModelStore.Lease fixed = open(settings.modelVersion());
      var unused = encoders.apply(fixed.model());
      return fixed;
    }
    lease = openWanted();
    poller =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "model-root");
              thread.setDaemon(true);
              return thread;
            });
    long pause = settings.refresh().pollMillis();
    var unused = poller.scheduleWithFixedDelay(this::poll, pause, pause, TimeUnit.MILLISECONDS);
    return lease;
  }

  private ModelStore.Lease open(String version) throws Exception {
    SlotModels.Start start = models.open(version);
    synchronized (this) {
      lease = start.lease();
    }
    return start.lease();
  }

  /** A bad version does not keep a job from starting with the one before it. */
  private ModelStore.Lease openWanted() throws Exception {
    Optional<Wanted> wanted;
    try {
      wanted = root.look("");
    } catch (IOException e) {
      trouble(e);
      ModelStore.Lease resolved = open(settings.modelVersion());
      var unused = encoders.apply(resolved.model());
      return resolved;
    }
    RefusedVersionException last = null;
    while (wanted.isPresent()) {
      try {
        ModelStore.Lease opened = open(wanted.get().version());
        check(opened);
        root.activated(wanted.get());
        return opened;
      } catch (RefusedVersionException e) {
        if (e.reason().isTransient()) {
          throw e;
        }
        last = e;
        refuse(wanted.get(), e);
        models.close();
        wanted = root.look("");
      }
    }
    throw last != null
        ? last
        : new RefusedVersionException(
            RefusalReason.INCOMPLETE,
            settings.refresh().root() + ": expected a version to score with, got none");
  }

  private void check(ModelStore.Lease opened) {
    try {
      var unused = encoders.apply(opened.model());
    } catch (RuntimeException e) {
      opened.close();
      throw new RefusedVersionException(
          RefusalReason.INVALID, opened.model().version() + ": " + e.getMessage(), e);
    } catch (Error e) {
      opened.close();
      throw e;
    }
  }

  /** The next model, if one is ready: then the claim on the one before is the caller's to close. */
  synchronized Optional<PreparedModel<T>> takeNext() {
    if (next == null) {
      return Optional.empty();
    }
    PreparedModel<T> taken = next;
    lease = taken.lease();
    next = null;
    refreshes.inc();
    LOG.info("model {} scores from now on", lease.model().version());
    return Optional.of(taken);
  }

  private void poll() {
    try {
      follow();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      trouble(e); // What is thrown on would end the polling, and nobody would hear of it.
    }
  }

  private void follow() throws IOException, InterruptedException {
    String active;
    Wanted ready;
    synchronized (this) {
      active = lease.model().version();
      ready = next == null ? null : nextWanted;
      if (next == null && nextWanted != null) {
        root.activated(nextWanted);
        nextWanted = null;
      }
    }
    Optional<Wanted> wanted = root.look(active);
    if (wanted.equals(Optional.ofNullable(ready))) {
      return;
    }
    CompletableFuture<PreparedModel<T>> preparing;
    synchronized (this) {
      if (closed || (ready != null && next == null)) {
        return; // It was taken just now.
      }
      if (next != null) {
        next.close();
        next = null;
        nextWanted = null;
      }
      if (wanted.isEmpty()) {
        return;
      }
      preparing =
          models.prepare(wanted.get().version(), wanted.get().manifest(), lease, Trial.none());
    }
    try {
      PreparedModel<T> prepared = preparing.get();
      check(prepared.lease());
      keep(prepared, wanted.get());
      lastTrouble = "";
    } catch (InterruptedException e) {
      var unused = preparing.thenAccept(PreparedModel::close);
      throw e;
    } catch (ExecutionException e) {
      refused(wanted.get(), e.getCause());
    } catch (RefusedVersionException e) {
      refused(wanted.get(), e);
    }
  }

  private synchronized void keep(PreparedModel<T> prepared, Wanted wanted) {
    if (closed) {
      prepared.close();
    } else {
      next = prepared;
      nextWanted = wanted;
    }
  }

  private void refused(Wanted wanted, Throwable cause) {
    if (cause instanceof RefusedVersionException refused && refused.reason().isTransient()) {
      trouble(refused);
    } else {
      refuse(wanted, cause);
    }
  }

  private void refuse(Wanted wanted, Throwable cause) {
    RefusalReason reason =
        cause instanceof RefusedVersionException refused ? refused.reason() : RefusalReason.INVALID;
    refusals.get(reason).inc();
    root.refuse(wanted, reason + ": " + cause.getMessage());
  }

  /** Once, not at every look. */
  private void trouble(Throwable e) {
    if (!lastTrouble.equals(e.toString())) {
      lastTrouble = e.toString();
      LOG.warn("the model root is tried again: {}", lastTrouble, e instanceof Error ? e : null);
    }
  }

  @Override
  public void close() {
    if (poller != null) {
      poller.shutdownNow();
    }
    synchronized (this) {
      closed = true;
      models.abandon();
      if (next != null) {
        next.close();
        next = null;
      }
      if (lease != null) {
        lease.close();
        lease = null;
      }
    }
    models.close();
  }
}
