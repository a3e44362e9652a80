package io.github.flinkdeepfm.operators;

import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The serializer of {@link ChainedTypeInfo}: passes references on, refuses bytes. */
final class ChainedSerializer<T> extends TypeSerializer<T> {
  private static final long serialVersionUID = 1L;

  private final Class<T> type;

  ChainedSerializer(Class<T> type) {
    this.type = type;
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public T createInstance() {
    return null;
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public T copy(T from, T reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public void serialize(T record, DataOutputView target) {
    throw refused();
  }

  @Override
  public T deserialize(DataInputView source) {
    throw refused();
  }

  @Override
  public T deserialize(T reuse, DataInputView source) {
    throw refused();
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) {
    throw refused();
  }

  private UnsupportedOperationException refused() {
    return new UnsupportedOperationException(
        type.getSimpleName()
            + " is passed by reference between chained operators: expected source, micro-batcher, "
            + "scorer and sinks in one chain (equal parallelism, chaining on), got a network edge");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChainedSerializer<?> that && type.equals(that.type);
  }

  @Override
  public int hashCode() {
    return type.hashCode();
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    throw refused();
  }
}
