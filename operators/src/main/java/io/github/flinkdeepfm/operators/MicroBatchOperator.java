package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.Release;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import io.github.flinkdeepfm.operators.refresh.RefreshLink;
import io.github.flinkdeepfm.operators.refresh.RefreshParticipant;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects events into micro-batches encoded for the active model version, and owns that version.
 *
 * <p>A batch leaves when it is full, when its first event has waited for the linger time, and
 * before any checkpoint barrier, watermark or end of input goes on: it never holds an event across
 * one of those.
 *
 * <table>
 * <caption>State</caption>
 * <tr><td>{@code active-model}</td><td>broadcast</td><td>the version that scores from this
 * checkpoint on ({@link ActiveModel})</td></tr>
 * </table>
 */
class MicroBatchOperator<E> extends AbstractStreamOperator<MicroBatch<E>>
    implements OneInputStreamOperator<E, MicroBatch<E>>,
        BoundedOneInput,
        RefreshParticipant.Host<PreparedModel<E>> {
  private static final long serialVersionUID = 1L;
  private static final long NEVER = Long.MAX_VALUE;
  private static final Logger LOG = LoggerFactory.getLogger(MicroBatchOperator.class);

  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;
  private final transient RefreshParticipant<PreparedModel<E>> refresh;

  private transient ActiveModelState activeModel;
  private transient ModelStore.Lease lease;
  private transient MicroBatcher<E> batcher;
  private transient SlotModels<E> models;
  private transient LiveSample<E> live;
  private transient TypeSerializer<E> copies;
  private transient BatchMetrics metrics;
  private transient StreamRecord<MicroBatch<E>> reuse;
  private transient long deadline;
  private transient boolean timerPending;
  private transient boolean earlyTold;
  private transient boolean sampledTold;

  MicroBatchOperator(
      StreamOperatorParameters<MicroBatch<E>> parameters,
      EventKind<E, ?, ?> kind,
      ScoringSettings settings) {
    super(parameters);
    this.kind = kind;
    this.settings = settings;
    this.refresh = settings.refresh() == null ? null : RefreshLink.join(parameters, this);
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    activeModel = new ActiveModelState(context.getOperatorStateStore());
    String version =
        activeModel.restored().map(settings::onRestore).orElse(settings.modelVersion());
    activeModel.set(settings.activeModel(version));
  }

  @Override
  public void open() throws Exception {
    super.open();
    try {
      openModels();
    } catch (Exception | Error e) {
      BrokenInstallationException.throwIfCauseOf("start of the job", e);
      throw e;
    }
  }

  private void openModels() throws Exception {
    if (refresh != null) {
      getRuntimeContext()
          .registerUserCodeClassLoaderReleaseHookIfAbsent("models", ModelStore.SHARED::clean);
    }
    Path temporary =
        Path.of(getContainingTask().getEnvironment().getTaskManagerInfo().getTmpDirectories()[0]);
    Optional<Device> device = SlotDevice.find(settings.device(), getRuntimeContext());
    models = new SlotModels<>(ModelStore.SHARED, kind, settings, temporary, device);
    SlotModels.Start start = models.open(active());
    activeModel.set(settings.activeModel(start.version()));
    lease = start.lease();
    batcher = new MicroBatcher<>(kind, settings, lease);
    metrics = new BatchMetrics(getMetricGroup(), () -> batcher, settings.allowAbsent());
    LOG.info("release {} of flink-deepfm starts with model {}", Release.name(), active());
    reuse = new StreamRecord<>(batcher.batch());
    deadline = NEVER;
    copies = copiesOfReused();
    if (refresh != null) {
      Canary canary = settings.refresh().canary();
      live =
          canary == null
              ? new LiveSample<>(kind, 1, Canary.DEFAULT_MIN_EVENTS, LiveSample.MAX_BYTES)
              : new LiveSample<>(kind, canary.batches(), canary.minEvents(), LiveSample.MAX_BYTES);
      refresh.opened();
    }
  }

  /**
   * With object reuse whoever sends an event may change it afterwards, and here it waits for its
   * batch. Null if it need not be copied.
   */
  private TypeSerializer<E> copiesOfReused() {
    if (!getExecutionConfig().isObjectReuseEnabled()) {
      return null;
    }
    TypeSerializer<E> serializer =
        getOperatorConfig().getTypeSerializerIn(0, getUserCodeClassloader());
    return serializer == null || serializer.isImmutableType() ? null : serializer;
  }

  /** Fingerprint of the arithmetic of the model that is active. */
  String numerics() {
    return lease.model().numerics();
  }

  @Override
  public final String active() {
    return activeModel.get().version();
  }

  @Override
  public CompletableFuture<PreparedModel<E>> prepare(
      String version, String manifest, boolean ordered) {
    long start = System.nanoTime();
    return models
        .prepare(version, manifest, lease, new Trial<>(live.events(), live.isEnough(), ordered))
        .whenComplete(
            (prepared, failure) -> {
              if (prepared != null) {
                metrics.prefetched(System.nanoTime() - start);
              }
            });
  }

  @Override
  public void abandon() {
    models.abandon();
  }

  @Override
  public void activate(PreparedModel<E> prepared) {
    flush();
    long start = System.nanoTime();
    ModelStore.Lease old = lease;
    lease = prepared.lease();
    prepared.batcher().countFrom(batcher);
    batcher = prepared.batcher();
    activeModel.set(settings.activeModel(lease.model().version()));
    try {
      // Empty: lets go of the old version downstream.
      output.collect(reuse.replace(batcher.batch()));
    } finally {
      old.closeLater();
    }
    metrics.active(lease.model(), ModelStore.SHARED.threads());
    metrics.switched(System.nanoTime() - start, lease.model().weights().changedRows());
  }

  @Override
  public void processElement(StreamRecord<E> element) {
    long now = processingTimeService.getCurrentProcessingTime();
    if (batcher.batch().size() == 0) {
      deadline = now + settings.lingerMillis();
      scheduleFlush();
    }
    E event = copies == null ? element.getValue() : copies.copy(element.getValue());
    batcher.add(event, element.getTimestamp(), now);
    metrics.event();
    if (!earlyTold && batcher.earlyTimes() > 0) {
      tellEarly(event);
    }
    if (batcher.isFull() || settings.lingerMillis() == 0) {
      flush();
    }
  }

  private void tellEarly(E event) {
    earlyTold = true;
    LOG.warn(
        "The time of event {} is before 2000: if such times are seconds, set event.time_format: epoch_s"
            + " (said once; the metric {} counts them)",
        ((RawEvent) event).source().asEventId(),
        MetricNames.EARLY_TIMES);
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    flush();
    if (refresh != null) {
      refresh.beforeBarrier(checkpointId);
    }
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    activeModel.write();
  }

  @Override
  public void processWatermark(Watermark mark) throws Exception {
    flush();
    super.processWatermark(mark);
  }

  @Override
  public void endInput() {
    flush();
    if (refresh != null) {
      refresh.inputEnded();
    }
  }

  @Override
  public void close() throws Exception {
    if (refresh != null) {
      refresh.close();
    }
    if (lease != null) {
      lease.close();
    }
    if (models != null) {
      models.close();
    }
    super.close();
  }

  /** One timer at most is under way; when it comes too early for its batch it is set again. */
  private void scheduleFlush() {
    if (!timerPending) {
      timerPending = true;
      processingTimeService.registerTimer(deadline, this::onTimer);
    }
  }

  private void onTimer(long time) {
    timerPending = false;
    if (batcher.batch().size() == 0) {
      return;
    }
    if (time >= deadline) {
      flush();
    } else {
      scheduleFlush();
    }
  }

  private void keep(MicroBatch<E> batch) {
    live.keep(batch);
    if (!sampledTold && settings.refresh().canary() != null && live.isEnough()) {
      sampledTold = true;
      refresh.sampled();
    }
  }

  private void flush() {
    MicroBatch<E> batch = batcher.batch();
    if (batch.size() == 0) {
      return;
    }
    metrics.batch(batch);
    if (live != null && batch.rows() > 0) {
      keep(batch);
    }
    output.collect(reuse.replace(batch));
    batch.clear();
    deadline = NEVER;
  }
}
