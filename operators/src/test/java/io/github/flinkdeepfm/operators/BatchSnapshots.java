package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Keeps what a test harness collects: micro-batches are reused, so their rows are copied. */
final class BatchSnapshots extends TypeSerializerSingleton<MicroBatch> {
  private static final long serialVersionUID = 1L;

  /** The offsets of a collected batch's rows, then those of its rejected events with reasons. */
  static String describe(Object element) {
    MicroBatch batch = batch(element);
    String rows =
        IntStream.range(0, batch.rows())
            .mapToObj(i -> String.valueOf(batch.events[i].source().offset()))
            .collect(Collectors.joining(" "));
    String rejected =
        batch.rejected.stream()
            .map(d -> d.event().source().offset() + ":" + d.reason())
            .collect(Collectors.joining(" "));
    return rejected.isEmpty() ? rows : rows + " rejected " + rejected;
  }

  static String version(Object element) {
    return batch(element).model.model().version();
  }

  private static MicroBatch batch(Object element) {
    return (MicroBatch) ((StreamRecord<?>) element).getValue();
  }

  @Override
  public MicroBatch copy(MicroBatch from) {
    FeatureBatch features = from.features;
    MicroBatch copy =
        new MicroBatch(
            from.model,
            new FeatureBatch(features.numDense(), features.keys(), features.isWeighted()));
    for (int i = 0; i < from.rows(); i++) {
      copy.features.beginRow();
      copy.features.commitRow();
      copy.describeRow(from.events[i], new DecodedEvent(), from.readAt[i]);
    }
    copy.rejected.addAll(from.rejected);
    return copy;
  }

  @Override
  public MicroBatch copy(MicroBatch from, MicroBatch reuse) {
    return copy(from);
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public MicroBatch createInstance() {
    return null;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(MicroBatch record, DataOutputView target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MicroBatch deserialize(DataInputView source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public MicroBatch deserialize(MicroBatch reuse, DataInputView source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) {
    throw new UnsupportedOperationException();
  }

  @Override
  public TypeSerializerSnapshot<MicroBatch> snapshotConfiguration() {
    throw new UnsupportedOperationException();
  }
}
