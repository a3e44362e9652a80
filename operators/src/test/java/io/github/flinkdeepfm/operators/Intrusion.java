package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Makes one subtask late, refuse a version, or fail at a chosen point of a refresh. */
final class Intrusion {
  private static final Map<String, Intrusion> ALL = new ConcurrentHashMap<>();

  /** Where a subtask fails. */
  enum Point {
    /** It is ready, and the others are not all: no COMMIT can be under way. */
    AFTER_PREPARE,
    /** Its barrier is about to come: COMMIT has been sent, and the old version is still active. */
    BEFORE_BARRIER,
    /** It is on the new version, and its checkpoint is not complete. */
    IN_SNAPSHOT,
    /** It is on the new version and scores. */
    AFTER_BARRIER
  }

  private final String name;
  private final CompletableFuture<Void> released = new CompletableFuture<>();
  private final AtomicBoolean failed = new AtomicBoolean();
  private volatile boolean held;
  private volatile String version;
  private volatile int subtask;
  private volatile boolean holds;
  private volatile boolean refuses;
  private volatile Point failure;
  private volatile boolean stops;

  private Intrusion(String name) {
    this.name = name;
  }

  static Intrusion of(String name) {
    return ALL.computeIfAbsent(name, Intrusion::new);
  }

  void holdBack(String held, int index) {
    version = held;
    subtask = index;
    holds = true;
  }

  void refuse(String refused, int index) {
    version = refused;
    subtask = index;
    refuses = true;
  }

  void failOnce(String during, int index, Point point) {
    version = during;
    subtask = index;
    failure = point;
  }

  /** Its thread stands still there, once, until it is interrupted or released. */
  void stopOnce(String during, int index, Point point) {
    failOnce(during, index, point);
    stops = true;
  }

  boolean isHeld() {
    return held;
  }

  boolean hasFailed() {
    return failed.get();
  }

  void release() {
    released.complete(null);
  }

  RefreshingMicroBatchFactory<RawEvent> factory(ScoringSettings settings) {
    return new Factory(settings, name);
  }

  private void failAt(Point point) {
    if (failure == point && failed.compareAndSet(false, true)) {
      if (stops) {
        try {
          released.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
          throw new IllegalStateException(e);
        }
      }
      throw new IllegalStateException("injected: " + point);
    }
  }

  private static final class Factory extends RefreshingMicroBatchFactory<RawEvent>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;

    Factory(ScoringSettings settings, String name) {
      super(RawEvents.KIND, settings);
      this.name = name;
    }

    @Override
    MicroBatchOperator<RawEvent> operator(
        StreamOperatorParameters<MicroBatch<RawEvent>> parameters,
        EventKind<RawEvent, ?, ?> kind,
        ScoringSettings settings) {
      return new Intruded(parameters, settings, of(name));
    }
  }

  private static final class Intruded extends MicroBatchOperator<RawEvent> {
    private static final long serialVersionUID = 1L;

    private final transient Intrusion intrusion;
    private transient boolean prepared;

    Intruded(
        StreamOperatorParameters<MicroBatch<RawEvent>> parameters,
        ScoringSettings settings,
        Intrusion intrusion) {
      super(parameters, RawEvents.KIND, settings);
      this.intrusion = intrusion;
    }

    private boolean isTarget() {
      return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == intrusion.subtask;
    }

    private boolean isActive() {
      return active().equals(intrusion.version);
    }

    @Override
    public CompletableFuture<PreparedModel<RawEvent>> prepare(
        String version, String manifest, boolean ordered) {
      CompletableFuture<PreparedModel<RawEvent>> ready = super.prepare(version, manifest, ordered);
      if (!isTarget() || !version.equals(intrusion.version)) {
        return ready;
      }
      if (intrusion.refuses) {
        return ready.thenApply(
            model -> {
              model.close();
              throw new RefusedVersionException(RefusalReason.CANARY, "injected");
            });
      }
      if (intrusion.holds) {
        intrusion.held = true;
        return ready.thenCombine(intrusion.released, (model, nothing) -> model);
      }
      return ready.whenComplete((model, failure) -> prepared = model != null);
    }

    @Override
    public void processElement(StreamRecord<RawEvent> element) {
      if (isTarget() && prepared && !isActive()) {
        intrusion.failAt(Point.AFTER_PREPARE);
      }
      if (isTarget() && isActive()) {
        intrusion.failAt(Point.AFTER_BARRIER);
      }
      super.processElement(element);
    }

    @Override
    public void activate(PreparedModel<RawEvent> model) {
      if (isTarget() && model.lease().model().version().equals(intrusion.version)) {
        intrusion.failAt(Point.BEFORE_BARRIER);
      }
      super.activate(model);
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
      if (isTarget() && isActive()) {
        intrusion.failAt(Point.IN_SNAPSHOT);
      }
      super.snapshotState(context);
    }
  }
}
