package io.github.flinkdeepfm.model.features.protobuf;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.github.flinkdeepfm.model.features.PointerNode;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;
import java.util.ArrayList;
import java.util.List;

/** One field of a {@link MessagePlan}, or one key of a map: where its value is in this event. */
final class PlannedField {
  private static final PlannedField[] NO_FIELDS = {};
  private static final ValueSink[] NO_SINKS = {};

  private final FieldDescriptor field;
  private final boolean mapped;

  /** Those of the field itself; then, if pointers step into what is no object, the one for that. */
  private final ValueSink[] sinks;

  private final boolean message;
  private final boolean repeated;
  private final boolean presence;
  private final ScalarType scalar;
  private final int wireType;

  /** The message that pointers step into; null if none do. */
  private final MessagePlan below;

  /** The map that pointers step into; null if none do. */
  private final MapPlan map;

  /** All fields of a message that stands for one value, see {@link Values}; null if it does not. */
  private final MessagePlan whole;

  private final boolean timestamp;

  private PlannedField[] rivals = NO_FIELDS;

  private long seen;
  private int start;
  private int end;
  private int first;
  private int last;

  /**
   * @param node null if no pointer has this field
   */
  PlannedField(FieldDescriptor field, PointerNode node) {
    this(field, node, false);
  }

  /** The value of a map, of one key. */
  static PlannedField ofMapValue(FieldDescriptor value, PointerNode node) {
    return new PlannedField(value, node, true);
  }

  private PlannedField(FieldDescriptor field, PointerNode node, boolean mapValue) {
    this.field = field;
    message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
    repeated = field.isRepeated();
    presence = mapValue || field.hasPresence();
    scalar = message ? null : new ScalarType(field);
    boolean group = field.getType() == FieldDescriptor.Type.GROUP;
    wireType = !message ? scalar.wireType() : group ? WireInput.GROUP : WireInput.DELIMITED;
    boolean stepsIn = node != null && !node.children().isEmpty();
    below = stepsIn && message && !repeated ? new MessagePlan(field.getMessageType(), node) : null;
    map = stepsIn && field.isMapField() ? new MapPlan(field.getMessageType(), node) : null;
    Descriptor type = message ? field.getMessageType() : null;
    boolean standsForValue =
        message && !repeated && (Values.isTimestamp(type) || (mapValue && Values.isList(type)));
    mapped = node != null;
    List<ValueSink> taken = new ArrayList<>(mapped ? node.sinks() : List.of());
    whole = !taken.isEmpty() && standsForValue ? new MessagePlan(type, null) : null;
    timestamp = whole != null && Values.isTimestamp(type);
    if (stepsIn && below == null && map == null) {
      taken.add(node.noObject());
    }
    sinks = taken.toArray(NO_SINKS);
  }

  int number() {
    return field.getNumber();
  }

  /** The other members of its oneof. */
  void setRivals(PlannedField[] rivals) {
    this.rivals = rivals;
  }

  boolean takes(int wireType) {
    return wireType == this.wireType
        || (repeated && wireType == WireInput.DELIMITED && !message && scalar.isPackable());
  }

  /** Whether bytes[start, end) is one value, and one that the field does not have. */
  boolean isUnknown(WireInput in, int wireType, int start, int end) throws RejectedEventException {
    return !message && wireType == this.wireType && scalar.isUnknown(in, start, end);
  }

  /** Notes the value, or piece, bytes[start, end). */
  void index(WireInput in, int wireType, int start, int end) throws RejectedEventException {
    if (isUnknown(in, wireType, start, end)) {
      in.unknownFields++;
      return;
    }
    touch(in);
    for (PlannedField rival : rivals) {
      rival.clear();
    }
    if (repeated || message) {
      last = in.append(last, start, end, wireType);
      if (first == WireInput.NONE) {
        first = last;
      }
    } else {
      this.start = start;
      this.end = end;
    }
    if (below != null) {
      below.index(in, start, end);
    }
    if (whole != null) {
      whole.index(in, start, end);
    }
    if (map != null) {
      map.index(in, start, end);
    }
  }

  /** It is there, of the value that it has without a piece. */
  void touch(WireInput in) {
    if (seen != in.generation) {
      seen = in.generation;
      start = WireInput.NONE;
      first = WireInput.NONE;
      last = WireInput.NONE;
    }
  }

  void clear() {
    seen = 0;
    if (below != null) {
      below.clear();
    }
    if (whole != null) {
      whole.clear();
    }
    if (map != null) {
      map.clear();
    }
  }

  void emit(WireInput in) throws RejectedEventException {
    boolean there = seen == in.generation;
    if (!mapped) {
      in.unknownFields += there ? 1 : 0;
      return;
    }
    if (!there && (presence || repeated)) {
      return;
    }
    for (ValueSink sink : sinks) {
      push(in, there, sink);
    }
    if (below != null) {
      below.emit(in);
    } else if (map != null) {
      map.emit(in);
    }
  }

  private void push(WireInput in, boolean there, ValueSink sink) throws RejectedEventException {
    if (whole != null) {
      if (timestamp) {
        Values.pushTimestamp(whole, in, sink);
      } else {
        Values.pushList(whole, in, sink);
      }
    } else if (message) {
      Values.push(field, in, first, sink);
    } else if (repeated) {
      sink.beginArray();
      pushElements(in, sink);
      sink.endArray();
    } else if (there && start != WireInput.NONE) {
      scalar.push(in, start, end, sink);
    } else {
      scalar.pushZero(sink);
    }
  }

  /** The elements of a repeated field of scalars. */
  void pushElements(WireInput in, ValueSink sink) throws RejectedEventException {
    if (seen != in.generation) {
      return;
    }
    for (int span = first; span != WireInput.NONE; span = in.following(span)) {
      if (in.wireType(span) == wireType) {
        scalar.push(in, in.start(span), in.end(span), sink);
      } else {
        scalar.pushPacked(in, in.start(span), in.end(span), sink);
      }
    }
  }

  /** The value of a single integer field, 0 if it is not there. */
  long integer(WireInput in) throws RejectedEventException {
    return seen == in.generation ? in.varint(start, end) : 0;
  }
}
