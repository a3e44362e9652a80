package io.github.flinkdeepfm.operators;

import java.nio.file.Path;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

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
final class MicroBatchOperator extends AbstractStreamOperator<MicroBatch>
    implements OneInputStreamOperator<RawEvent, MicroBatch>, BoundedOneInput {
  private static final long serialVersionUID = 1L;
  private static final long NEVER = Long.MAX_VALUE;

  private final ScoringSettings settings;

  private transient ActiveModelState activeModel;
  private transient ModelStore.Lease lease;
  private transient MicroBatcher batcher;
  private transient BatchMetrics metrics;
  private transient StreamRecord<MicroBatch> reuse;
  private transient long deadline;
  private transient boolean timerPending;

  MicroBatchOperator(StreamOperatorParameters<MicroBatch> parameters, ScoringSettings settings) {
    super(parameters);
    this.settings = settings;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    activeModel = new ActiveModelState(context.getOperatorStateStore());
    ActiveModel initial = new ActiveModel(settings.modelVersion());
    activeModel.set(activeModel.restored().map(r -> settings.onRestore(r)).orElse(initial));
  }

  @Override
  public void open() throws Exception {
    super.open();
    Path directory = settings.directoryOf(activeModel.get().version());
    lease = ModelStore.SHARED.acquire(directory);
    batcher = new MicroBatcher(settings, lease);
    metrics = new BatchMetrics(getMetricGroup(), batcher, () -> lease.model().version());
    reuse = new StreamRecord<>(batcher.batch());
    deadline = NEVER;
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
  }

  @Override
  public void close() throws Exception {
    if (lease != null) {
      lease.close();
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
    output.collect(reuse.replace(batch));
    batch.clear();
    deadline = NEVER;
  }
}
