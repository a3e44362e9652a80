package io.github.flinkdeepfm.model.features.protobuf;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.ByteKeys;
import io.github.flinkdeepfm.model.features.PointerNode;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import java.util.Map;

/**
 * One map on the way of the mapped pointers, whose keys are their names: integers as their decimal
 * text. On the wire it is a repeated message of a key (1) and a value (2).
 */
final class MapPlan {
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final FieldDescriptor.Type keyType;
  private final int keyWireType;
  private final ByteKeys places = new ByteKeys();
  private final PlannedField[] values;

  MapPlan(Descriptor entry, PointerNode node) {
    FieldDescriptor key = entry.findFieldByNumber(KEY);
    keyType = key.getType();
    keyWireType = new ScalarType(key).wireType();
    values = new PlannedField[node.children().size()];
    int place = 0;
    for (Map.Entry<String, PointerNode> child : node.children().entrySet()) {
      places.put(child.getKey().getBytes(UTF_8), place);
      values[place++] = PlannedField.ofMapValue(entry.findFieldByNumber(VALUE), child.getValue());
    }
  }

  /** Notes one entry, instead of an earlier one of the same key. */
  void index(WireInput in, int from, int to) throws RejectedEventException {
    int keyStart = WireInput.NONE;
    int keyEnd = WireInput.NONE;
    int valueStart = WireInput.NONE;
    int valueEnd = WireInput.NONE;
    int valueType = 0;
    for (int at = from; at < to; at = in.next) {
      int tag = in.tag(at, to);
      int start = skipTo(in, tag, to);
      if (tag == (KEY << 3 | keyWireType)) {
        keyStart = start;
        keyEnd = in.next;
      } else if (tag >>> 3 == VALUE) {
        valueStart = start;
        valueEnd = in.next;
        valueType = tag & 7;
      }
    }
    int place = place(in, keyStart, keyEnd);
    if (place == ByteKeys.ABSENT) {
      in.unknownFields++;
      return;
    }
    PlannedField value = values[place];
    if (valueStart != WireInput.NONE && value.isUnknown(in, valueType, valueStart, valueEnd)) {
      in.unknownFields++; // the whole entry
      return;
    }
    value.clear();
    value.touch(in);
    for (int at = from; at < to; at = in.next) {
      int tag = in.tag(at, to);
      int start = skipTo(in, tag, to);
      int end = in.next;
      if (tag >>> 3 == VALUE && value.takes(tag & 7)) {
        value.index(in, tag & 7, start, end);
        in.next = end;
      }
    }
  }

  /** Where the value behind a tag begins; it ends at {@code in.next}. */
  private static int skipTo(WireInput in, int tag, int to) throws RejectedEventException {
    int start = in.next;
    if ((tag & 7) != WireInput.DELIMITED) {
      in.skip(tag, start, to, 1);
      return start;
    }
    long length = in.varint(start, to);
    start = in.next;
    in.next = in.after(start, length, to);
    return start;
  }

  private int place(WireInput in, int start, int end) throws RejectedEventException {
    if (keyType == FieldDescriptor.Type.STRING) {
      return start == WireInput.NONE
          ? places.find(in.bytes, 0, 0)
          : places.find(in.bytes, start, end);
    }
    byte[] text = (start == WireInput.NONE ? zero() : text(in, start, end)).getBytes(US_ASCII);
    return places.find(text, 0, text.length);
  }

  private String zero() {
    return keyType == FieldDescriptor.Type.BOOL ? "false" : "0";
  }

  private String text(WireInput in, int start, int end) throws RejectedEventException {
    int after = in.next;
    String text =
        switch (keyType) {
          case BOOL -> String.valueOf(in.varint(start, end) != 0);
          case INT32, ENUM -> String.valueOf((int) in.varint(start, end));
          case UINT32 -> Integer.toUnsignedString((int) in.varint(start, end));
          case SINT32 -> {
            int zigzag = (int) in.varint(start, end);
            yield String.valueOf((zigzag >>> 1) ^ -(zigzag & 1));
          }
          case SINT64 -> {
            long zigzag = in.varint(start, end);
            yield String.valueOf((zigzag >>> 1) ^ -(zigzag & 1));
          }
          case UINT64 -> Long.toUnsignedString(in.varint(start, end));
          case FIXED32 -> Integer.toUnsignedString(in.fixed32(start, end));
          case SFIXED32 -> String.valueOf(in.fixed32(start, end));
          case FIXED64 -> Long.toUnsignedString(in.fixed64(start, end));
          case SFIXED64 -> String.valueOf(in.fixed64(start, end));
          default -> String.valueOf(in.varint(start, end));
        };
    in.next = after;
    return text;
  }

  void emit(WireInput in) throws RejectedEventException {
    for (PlannedField value : values) {
      value.emit(in);
    }
  }

  void clear() {
    for (PlannedField value : values) {
      value.clear();
    }
  }
}
