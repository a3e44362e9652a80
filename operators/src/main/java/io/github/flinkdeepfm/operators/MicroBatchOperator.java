package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.Release;
import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.operators.refresh.RefreshLink;
import io.github.flinkdeepfm.operators.refresh.RefreshParticipant;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings.Canary;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
class MicroBatchOperator extends AbstractStreamOperator<MicroBatch>
    implements OneInputStreamOperator<RawEvent, MicroBatch>,
        BoundedOneInput,
        RefreshParticipant.Host<PreparedModel> {
  private static final long serialVersionUID = 1L;
  private static final long NEVER = Long.MAX_VALUE;
  private static final Logger LOG = LoggerFactory.getLogger(MicroBatchOperator.class);

  private final ScoringSettings settings;
  private final transient RefreshParticipant<PreparedModel> refresh;

  private transient ActiveModelState activeModel;
  private transient ModelStore.Lease lease;
  private transient MicroBatcher batcher;
  private transient SlotModels models;
  private transient LiveSample live;
  private transient BatchMetrics metrics;
  private transient StreamRecord<MicroBatch> reuse;
  private transient long deadline;
  private transient boolean timerPending;

  MicroBatchOperator(StreamOperatorParameters<MicroBatch> parameters, ScoringSettings settings) {
    super(parameters);
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
    if (refresh != null) {
      getRuntimeContext()
          .registerUserCodeClassLoaderReleaseHookIfAbsent("models", ModelStore.SHARED::clean);
    }
    Path temporary =
        Path.of(getContainingTask().getEnvironment().getTaskManagerInfo().getTmpDirectories()[0]);
    Optional<Device> device = SlotDevice.find(settings.device(), getRuntimeContext());
    models = new SlotModels(ModelStore.SHARED, settings, temporary, device);
    SlotModels.Start start = models.open(active());
    activeModel.set(settings.activeModel(start.version()));
    lease = start.lease();
    batcher = new MicroBatcher(settings, lease);
    metrics = new BatchMetrics(getMetricGroup(), () -> batcher);
    LOG.info("release {} of flink-deepfm starts with model {}", Release.name(), active());
    reuse = new StreamRecord<>(batcher.batch());
    deadline = NEVER;
    if (refresh != null) {
      Canary canary = settings.refresh().canary();
      live = new LiveSample(canary == null ? 1 : canary.batches(), LiveSample.MAX_BYTES);
      refresh.opened();
    }
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
  public CompletableFuture<PreparedModel> prepare(String version, String manifest) {
    long start = System.nanoTime();
    return models
        .prepare(version, manifest, lease, live.events())
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
  public void activate(PreparedModel prepared) {
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
    metrics.active(active(), ModelStore.SHARED.threads());
    metrics.switched(System.nanoTime() - start, lease.model().weights().changedRows());
  }

  @Override
  public void processElement(StreamRecord<RawEvent> element) {
    long now = processingTimeService.getCurrentProcessingTime();
    if (batcher.batch().size() == 0) {
      deadline = now + settings.lingerMillis();
      scheduleFlush();
    }
    batcher.add(element.getValue(), now);
    metrics.event();
    if (batcher.isFull() || settings.lingerMillis() == 0) {
      flush();
    }
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

  private void flush() {
    MicroBatch batch = batcher.batch();
    if (batch.size() == 0) {
      return;
    }
    metrics.batch(batch);
    if (live != null && batch.rows() > 0) {
      live.keep(batch);
    }
    output.collect(reuse.replace(batch));
    batch.clear();
    deadline = NEVER;
  }
}
