package io.github.flinkdeepfm.model.features.avro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Types whose values have no others inside. */
final class AvroScalars {
  private AvroScalars() {}

  /** The null of no bytes. */
  record NullType() implements AvroType {
    @Override
    public void skip(AvroInput in) {}

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.nullValue();
    }
  }

  /** One byte, 0 or 1. */
  record BooleanType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      var unused = in.readBoolean();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.bool(in.readBoolean());
    }
  }

  /** A zigzag varint of 32 bits. */
  record IntType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      var unused = in.readInt();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.integer(in.readInt());
    }
  }

  /** A zigzag varint of 64 bits. */
  record LongType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      var unused = in.readLong();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.integer(in.readLong());
    }
  }

  /** A long of one of the logical types timestamp-millis, -micros and -nanos. */
  record TimestampType(long perMilli) implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      var unused = in.readLong();
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.timestamp(in.readLong(), perMilli);
    }
  }

  /** Four bytes. */
  record FloatType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.skip(Float.BYTES);
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.single(in.readFloat());
    }
  }

  /** Eight bytes. */
  record DoubleType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.skip(Double.BYTES);
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      sink.number(in.readDouble());
    }
  }

  /** A length and UTF-8, which is checked where it is used. */
  record TextType() implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.skip(in.readLength());
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      int length = in.readLength();
      int from = in.position;
      in.skip(length);
      in.requireText(from);
      sink.text(in.bytes, from, in.position);
    }
  }

  /**
   * Bytes, as the string of their base64.
   *
   * @param size of a fixed; negative if a length comes first
   */
  record BytesType(int size) implements AvroType {
    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      in.skip(size < 0 ? in.readLength() : size);
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      int length = size < 0 ? in.readLength() : size;
      int from = in.position;
      in.skip(length);
      byte[] text = Base64.getEncoder().encode(Arrays.copyOfRange(in.bytes, from, in.position));
      sink.text(text, 0, text.length);
    }
  }

  /** The index of a symbol, as the string of the symbol. */
  static final class SymbolType implements AvroType {
    private final byte[][] symbols;

    SymbolType(List<String> names) {
      symbols = names.stream().map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
    }

    @Override
    public void skip(AvroInput in) throws RejectedEventException {
      var unused = in.readIndex(symbols.length);
    }

    @Override
    public void push(AvroInput in, ValueSink sink) throws RejectedEventException {
      byte[] symbol = symbols[in.readIndex(symbols.length)];
      sink.text(symbol, 0, symbol.length);
    }
  }
}
