package io.github.flinkdeepfm.model.features.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.ValueSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values of messages: a google.protobuf.Timestamp is its milliseconds; as a map's value, a message
 * of repeated scalars only is the list of them all, because a map cannot hold lists; any other is
 * an object. Such whole objects are seldom used, and read by way of Protobuf's own DynamicMessage.
 */
final class Values {
  private static final int MAX_NESTING = 64;
  private static final long MAX_SECONDS = 1L << 40;

  private Values() {}

  static boolean isTimestamp(Descriptor message) {
    return message.getFullName().equals("google.protobuf.Timestamp");
  }

  static boolean isList(Descriptor message) {
    return !message.getFields().isEmpty()
        && message.getFields().stream()
            .allMatch(f -> f.isRepeated() && f.getJavaType() != FieldDescriptor.JavaType.MESSAGE);
  }

  static void pushList(MessagePlan list, WireInput in, ValueSink sink)
      throws RejectedEventException {
    sink.beginArray();
    for (PlannedField field : list.fields()) {
      field.pushElements(in, sink);
    }
    sink.endArray();
  }

  static void pushTimestamp(MessagePlan timestamp, WireInput in, ValueSink sink)
      throws RejectedEventException {
    long seconds = timestamp.fields()[0].integer(in);
    sink.timestamp(millis(seconds, (int) timestamp.fields()[1].integer(in)), 1);
  }

  /** Out of reach, it stays a time that no event can have. */
  private static long millis(long seconds, int nanos) {
    long bounded = Math.max(-MAX_SECONDS, Math.min(seconds, MAX_SECONDS));
    return bounded * 1000 + Math.floorDiv(nanos, 1_000_000);
  }

  /**
   * Pushes a field of messages: one, a list of them, or a map.
   *
   * @param first span of its pieces
   */
  static void push(FieldDescriptor field, WireInput in, int first, ValueSink sink)
      throws RejectedEventException {
    ByteArrayOutputStream pieces = new ByteArrayOutputStream(); // put together, they are merged
    if (!field.isRepeated()) {
      for (int span = first; span != WireInput.NONE; span = in.following(span)) {
        pieces.write(in.bytes, in.start(span), in.end(span) - in.start(span));
      }
      pushMessage(parse(field, in, pieces.toByteArray()), sink);
      return;
    }
    List<Message> messages = new ArrayList<>();
    for (int span = first; span != WireInput.NONE; span = in.following(span)) {
      pieces.reset();
      pieces.write(in.bytes, in.start(span), in.end(span) - in.start(span));
      messages.add(parse(field, in, pieces.toByteArray()));
    }
    pushRepeated(field, messages, sink);
  }

  private static Message parse(FieldDescriptor field, WireInput in, byte[] bytes)
      throws RejectedEventException {
    CodedInputStream coded =
        CodedInputStream.newInstance(KnownFields.of(field.getMessageType(), bytes));
    coded.setRecursionLimit(MAX_NESTING);
    try {
      return DynamicMessage.parseFrom(field.getMessageType(), coded);
    } catch (IOException e) {
      throw in.malformed("no " + field.getMessageType().getFullName(), 0);
    }
  }

  private static void pushMessage(Message message, ValueSink sink) throws RejectedEventException {
    Descriptor type = message.getDescriptorForType();
    if (isTimestamp(type)) {
      long seconds = (Long) message.getField(type.findFieldByNumber(1));
      sink.timestamp(millis(seconds, (Integer) message.getField(type.findFieldByNumber(2))), 1);
      return;
    }
    sink.beginObject();
    for (FieldDescriptor field : type.getFields()) {
      boolean there =
          field.isRepeated()
              ? message.getRepeatedFieldCount(field) > 0
              : !field.hasPresence() || message.hasField(field);
      if (there) {
        pushName(field.getName(), sink);
        if (field.isRepeated()) {
          pushRepeated(field, (List<?>) message.getField(field), sink);
        } else {
          pushOne(field, message.getField(field), sink);
        }
      }
    }
    sink.endObject();
  }

  private static void pushRepeated(FieldDescriptor field, List<?> values, ValueSink sink)
      throws RejectedEventException {
    if (field.isMapField()) {
      pushMap(field, values, sink);
      return;
    }
    sink.beginArray();
    for (Object value : values) {
      pushOne(field, value, sink);
    }
    sink.endArray();
  }

  private static void pushMap(FieldDescriptor field, List<?> entries, ValueSink sink)
      throws RejectedEventException {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    Map<String, Object> last = new LinkedHashMap<>();
    for (Object entry : entries) {
      Message pair = (Message) entry;
      last.put(keyText(key, pair.getField(key)), pair.getField(value));
    }
    sink.beginObject();
    for (Map.Entry<String, Object> entry : last.entrySet()) {
      pushName(entry.getKey(), sink);
      if (entry.getValue() instanceof Message list && isList(list.getDescriptorForType())) {
        sink.beginArray();
        for (FieldDescriptor elements : list.getDescriptorForType().getFields()) {
          for (Object element : (List<?>) list.getField(elements)) {
            pushOne(elements, element, sink);
          }
        }
        sink.endArray();
      } else {
        pushOne(value, entry.getValue(), sink);
      }
    }
    sink.endObject();
  }

  private static String keyText(FieldDescriptor key, Object value) {
    return switch (key.getType()) {
      case UINT32, FIXED32 -> Integer.toUnsignedString((Integer) value);
      case UINT64, FIXED64 -> Long.toUnsignedString((Long) value);
      default -> value.toString();
    };
  }

  private static void pushOne(FieldDescriptor field, Object value, ValueSink sink)
      throws RejectedEventException {
    switch (field.getType()) {
      case DOUBLE -> sink.number((Double) value);
      case FLOAT -> sink.single((Float) value);
      case BOOL -> sink.bool((Boolean) value);
      case UINT32, FIXED32 -> sink.integer(Integer.toUnsignedLong((Integer) value));
      case UINT64, FIXED64 -> {
        if ((Long) value < 0) {
          sink.unsigned((Long) value);
        } else {
          sink.integer((Long) value);
        }
      }
      case STRING -> pushText((String) value, sink);
      case BYTES ->
          pushText(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()), sink);
      case ENUM -> {
        EnumValueDescriptor symbol = (EnumValueDescriptor) value;
        if (symbol.getIndex() < 0) { // of a number without a name
          sink.integer(symbol.getNumber());
        } else {
          pushText(symbol.getName(), sink);
        }
      }
      case MESSAGE, GROUP -> pushMessage((Message) value, sink);
      default -> sink.integer(((Number) value).longValue());
    }
  }

  private static void pushText(String text, ValueSink sink) throws RejectedEventException {
    byte[] utf8 = text.getBytes(UTF_8);
    sink.text(utf8, 0, utf8.length);
  }

  private static void pushName(String name, ValueSink sink) throws RejectedEventException {
    byte[] utf8 = name.getBytes(UTF_8);
    sink.name(utf8, 0, utf8.length);
  }
}
