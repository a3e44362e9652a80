package io.github.flinkdeepfm.model.features.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.Utf8;
import io.github.flinkdeepfm.model.features.ValueSink;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** The type of a field that is no message: how one value on the wire is read into a sink. */
final class ScalarType {
  private static final byte[] EMPTY = {};
  private static final long UNSIGNED_INT = 0xFFFF_FFFFL;

  private final FieldDescriptor.Type type;
  private final Map<Integer, byte[]> symbols = new HashMap<>();
  private final boolean closed;
  private final int first;

  ScalarType(FieldDescriptor field) {
    type = field.getType();
    boolean isEnum = type == FieldDescriptor.Type.ENUM;
    closed = isEnum && field.legacyEnumFieldTreatedAsClosed();
    first = isEnum ? field.getEnumType().getValues().get(0).getNumber() : 0;
    if (isEnum) {
      for (EnumValueDescriptor value : field.getEnumType().getValues()) {
        symbols.putIfAbsent(value.getNumber(), value.getName().getBytes(UTF_8));
      }
    }
  }

  /** Of one value that is not packed. */
  int wireType() {
    return switch (type) {
      case DOUBLE, FIXED64, SFIXED64 -> WireInput.FIXED64;
      case FLOAT, FIXED32, SFIXED32 -> WireInput.FIXED32;
      case STRING, BYTES -> WireInput.DELIMITED;
      default -> WireInput.VARINT;
    };
  }

  boolean isPackable() {
    return wireType() != WireInput.DELIMITED;
  }

  /** The value that a field without presence has if the message does not have it. */
  void pushZero(ValueSink sink) throws RejectedEventException {
    switch (type) {
      case DOUBLE -> sink.number(0);
      case FLOAT -> sink.single(0);
      case BOOL -> sink.bool(false);
      case STRING, BYTES -> sink.text(EMPTY, 0, 0);
      case ENUM -> pushSymbol(first, sink);
      default -> sink.integer(0);
    }
  }

  /** Whether the number at {@code start} is none of the enum's, which knows all that it has. */
  boolean isUnknown(WireInput in, int start, int end) throws RejectedEventException {
    return closed && !symbols.containsKey((int) in.varint(start, end));
  }

  /** Reads the values that are packed between. */
  void pushPacked(WireInput in, int start, int end, ValueSink sink) throws RejectedEventException {
    for (int at = start; at < end; at = in.next) {
      if (isUnknown(in, at, end)) {
        in.unknownFields++;
      } else {
        push(in, at, end, sink);
      }
    }
  }

  /** Reads the value at {@code start}; a string's, to {@code end}. */
  void push(WireInput in, int start, int end, ValueSink sink) throws RejectedEventException {
    switch (type) {
      case DOUBLE -> sink.number(Double.longBitsToDouble(in.fixed64(start, end)));
      case FLOAT -> sink.single(Float.intBitsToFloat(in.fixed32(start, end)));
      case INT64 -> sink.integer(in.varint(start, end));
      case SFIXED64 -> sink.integer(in.fixed64(start, end));
      case UINT64 -> pushUnsigned(in.varint(start, end), sink);
      case FIXED64 -> pushUnsigned(in.fixed64(start, end), sink);
      case INT32 -> sink.integer((int) in.varint(start, end));
      case SFIXED32 -> sink.integer(in.fixed32(start, end));
      case UINT32 -> sink.integer(in.varint(start, end) & UNSIGNED_INT);
      case FIXED32 -> sink.integer(in.fixed32(start, end) & UNSIGNED_INT);
      case SINT32 -> {
        int zigzag = (int) in.varint(start, end);
        sink.integer((zigzag >>> 1) ^ -(zigzag & 1));
      }
      case SINT64 -> {
        long zigzag = in.varint(start, end);
        sink.integer((zigzag >>> 1) ^ -(zigzag & 1));
      }
      case BOOL -> sink.bool(in.varint(start, end) != 0);
      case ENUM -> pushSymbol((int) in.varint(start, end), sink);
      case STRING -> {
        if (!Utf8.isText(in.bytes, start, end)) {
          throw in.malformed("a string that is not UTF-8", start);
        }
        sink.text(in.bytes, start, end);
      }
      default -> {
        byte[] text = Base64.getEncoder().encode(Arrays.copyOfRange(in.bytes, start, end));
        sink.text(text, 0, text.length);
      }
    }
  }

  private static void pushUnsigned(long bits, ValueSink sink) throws RejectedEventException {
    if (bits >= 0) {
      sink.integer(bits);
    } else {
      sink.unsigned(bits);
    }
  }

  private void pushSymbol(int number, ValueSink sink) throws RejectedEventException {
    byte[] symbol = symbols.get(number);
    if (symbol == null) {
      sink.integer(number);
    } else {
      sink.text(symbol, 0, symbol.length);
    }
  }
}
