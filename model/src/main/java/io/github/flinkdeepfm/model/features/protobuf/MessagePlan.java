package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.PointerNode;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One message on the way of the mapped pointers. Fields come in any order on the wire, more than
 * once, and in pieces. So each event is gone through twice:
 *
 * <pre>
 *   index   the bytes, in their order:       where each mapped field's value is, or its pieces are
 *   emit    the fields, in declared order:   their values into their sinks
 * </pre>
 *
 * <p>The rules are Protobuf's: of a single value the last one counts, pieces of repeated fields and
 * of messages add up, of a map's key the last entry counts, of a oneof's members the last one; a
 * field of a wire type that is not its own is an unknown one, and so is an enum's number without a
 * name, if the enum is closed (proto2).
 */
final class MessagePlan {
  /** Field numbers that are looked up in an array. */
  private static final int SMALL = 256;

  private final PlannedField[] inOrder;
  private final PlannedField[] small;
  private final Map<Integer, PlannedField> large = new HashMap<>();

  /** A message that pointers step into, or of which {@link PlannedField} needs all fields. */
  MessagePlan(Descriptor message, PointerNode node) {
    List<PlannedField> fields = new ArrayList<>();
    for (FieldDescriptor field : message.getFields()) {
      fields.add(new PlannedField(field, childOf(node, field)));
    }
    inOrder = fields.toArray(new PlannedField[0]);
    small = new PlannedField[SMALL];
    for (PlannedField field : inOrder) {
      if (field.number() < SMALL) {
        small[field.number()] = field;
      } else {
        large.put(field.number(), field);
      }
    }
    for (int i = 0; i < inOrder.length; i++) {
      FieldDescriptor field = message.getFields().get(i);
      if (field.getRealContainingOneof() != null) {
        inOrder[i].setRivals(
            field.getRealContainingOneof().getFields().stream()
                .filter(other -> other != field)
                .map(other -> inOrder[other.getIndex()])
                .toArray(PlannedField[]::new));
      }
    }
  }

  /** By the name in the .proto file, by the JSON name, or by both. */
  private static PointerNode childOf(PointerNode node, FieldDescriptor field) {
    if (node == null) {
      return null;
    }
    PointerNode named = node.children().get(field.getName());
    PointerNode json =
        field.getName().equals(field.getJsonName())
            ? null
            : node.children().get(field.getJsonName());
    return named == null ? json : json == null ? named : PointerNode.both(named, json);
  }

  PlannedField[] fields() {
    return inOrder;
  }

  /** Goes through bytes[from, to), the whole message or a piece of it. */
  void index(WireInput in, int from, int to) throws RejectedEventException {
    int at = from;
    while (at < to) {
      int tag = in.tag(at, to);
      int wireType = tag & 7;
      int number = tag >>> 3;
      int start = in.next;
      int end;
      switch (wireType) {
        case WireInput.VARINT -> {
          var unused = in.varint(start, to);
          end = in.next;
          at = end;
        }
        case WireInput.FIXED64 -> {
          end = in.after(start, Long.BYTES, to);
          at = end;
        }
        case WireInput.FIXED32 -> {
          end = in.after(start, Integer.BYTES, to);
          at = end;
        }
        case WireInput.DELIMITED -> {
          long length = in.varint(start, to);
          start = in.next;
          end = in.after(start, length, to);
          at = end;
        }
        case WireInput.GROUP -> {
          end = in.skipGroup(number, start, to, 1);
          at = in.next;
        }
        default -> throw in.malformed("wire type " + wireType, at);
      }
      PlannedField field = number < SMALL ? small[number] : large.get(number);
      if (field == null || !field.takes(wireType)) {
        in.unknownFields++;
      } else {
        field.index(in, wireType, start, end);
      }
    }
  }

  /** Passes the values on that {@link #index} has found. */
  void emit(WireInput in) throws RejectedEventException {
    for (PlannedField field : inOrder) {
      field.emit(in);
    }
  }

  /** Forgets what was found: the message is another one now. */
  void clear() {
    Arrays.stream(inOrder).forEach(PlannedField::clear);
  }
}
