package io.github.flinkdeepfm.model.features.avro;

import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;

/** Types whose values have others inside. */
final class AvroContainers {
  private AvroContainers() {}

  /** Blocks of items. */
  record ArrayType(AvroType item) implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.enter();
      for (long items = in.readBlock(); items != 0; items = in.readBlock()) {
        if (in.blockEnd() >= 0) {
          in.position = in.blockEnd();
        } else {
          for (long i = 0; i < items; i++) {
            int from = in.position;
            item.skip(in);
            in.requireProgress(from);
          }
        }
      }
      in.leave();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      in.enter();
      sink.beginArray();
      for (long items = in.readBlock(); items != 0; items = in.readBlock()) {
        int end = in.blockEnd();
        for (long i = 0; i < items; i++) {
          int from = in.position;
          item.push(in, sink);
          in.requireProgress(from);
        }
        in.requireBlockEnd(end);
      }
      sink.endArray();
      in.leave();
    }
  }

  /** Blocks of keys, each with its value: an object. */
  record MapType(AvroType value) implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.enter();
      for (long items = in.readBlock(); items != 0; items = in.readBlock()) {
        if (in.blockEnd() >= 0) {
          in.position = in.blockEnd();
        } else {
          for (long i = 0; i < items; i++) {
            in.skip(in.readLength());
            value.skip(in);
          }
        }
      }
      in.leave();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      in.enter();
      sink.beginObject();
      for (long items = in.readBlock(); items != 0; items = in.readBlock()) {
        int end = in.blockEnd();
        for (long i = 0; i < items; i++) {
          int length = in.readLength();
          int from = in.position;
          in.skip(length);
          in.requireText(from);
          sink.name(in.bytes, from, in.position);
          value.push(in, sink);
        }
        in.requireBlockEnd(end);
      }
      sink.endObject();
      in.leave();
    }
  }

  /** The index of a branch, and its value, as that value alone. */
  record UnionType(AvroType[] branches) implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      branches[in.readIndex(branches.length)].skip(in);
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      branches[in.readIndex(branches.length)].push(in, sink);
    }
  }

  /** Its fields one after the other: an object. Its types are set later, it may contain itself. */
  static final class RecordType implements AvroType {
    final byte[][] names;
    final AvroType[] types;

    RecordType(byte[][] names) {
      this.names = names;
      this.types = new AvroType[names.length];
    }

    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.enter();
      for (AvroType type : types) {
        int from = in.position;
        type.skip(in);
        in.requireProgress(from);
      }
      in.leave();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      in.enter();
      sink.beginObject();
      for (int i = 0; i < types.length; i++) {
        sink.name(names[i], 0, names[i].length);
        int from = in.position;
        types[i].push(in, sink);
        in.requireProgress(from);
      }
      sink.endObject();
      in.leave();
    }
  }
}
