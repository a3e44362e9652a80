package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Keeps what a test harness collects: micro-batches are reused, so their rows are copied. */
final class BatchSnapshots extends TypeSerializerSingleton<MicroBatch<RawEvent>> {
  private static final long serialVersionUID = 1L;

  /** The offsets of a collected batch's rows, then those of its rejected events with reasons. */
  static String describe(Object element) {
    MicroBatch<RawEvent> batch = batch(element);
    String rows =
        IntStream.range(0, batch.rows())
            .mapToObj(i -> String.valueOf(batch.event(i).source().offset()))
            .collect(Collectors.joining(" "));
    String rejected =
        batch.rejected.stream()
            .map(d -> d.value().source().offset() + ":" + d.reason())
            .collect(Collectors.joining(" "));
    return rejected.isEmpty() ? rows : rows + " rejected " + rejected;
  }

  static String version(Object element) {
    return batch(element).model.model().version();
  }

  @SuppressWarnings("unchecked")
  private static MicroBatch<RawEvent> batch(Object element) {
    return (MicroBatch<RawEvent>) ((StreamRecord<?>) element).getValue();
  }

  @Override
  public MicroBatch<RawEvent> copy(MicroBatch<RawEvent> from) {
    FeatureBatch features = from.features;
    MicroBatch<RawEvent> copy =
        new MicroBatch<>(
            from.model,
            new FeatureBatch(features.numDense(), features.keys(), features.isWeighted()));
    for (int i = 0; i < from.rows(); i++) {
      copy.features.beginRow();
      copy.features.commitRow();
      copy.describeRow(from.event(i), from.timestamps[i], from.readAt[i]);
    }
    copy.rejected.addAll(from.rejected);
    return copy;
  }

  @Override
  public MicroBatch<RawEvent> copy(MicroBatch<RawEvent> from, MicroBatch<RawEvent> reuse) {
    return copy(from);
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public MicroBatch<RawEvent> createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(MicroBatch<RawEvent> record, DataOutputView target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MicroBatch<RawEvent> deserialize(DataInputView source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MicroBatch<RawEvent> deserialize(MicroBatch<RawEvent> reuse, DataInputView source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TypeSerializerSnapshot<MicroBatch<RawEvent>> snapshotConfiguration() {
    throw new UnsupportedOperationException();
  }
}
