package io.github.flinkdeepfm.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** JSON events of the default layout as the schemas of that layout have them. */
public final class DefaultLayout {
  private DefaultLayout() {}

  /** By {@code event.avsc}. */
  public static byte[] avro(JsonNode event, Schema schema) throws IOException {
    GenericData.Record record = new GenericData.Record(schema);
    if (event.has("event_id")) {
      record.put("event_id", event.path("event_id").asText());
    }
    if (event.has("event_time")) {
      record.put("event_time", event.path("event_time").longValue());
    }
    if (event.has("label")) {
      record.put("label", event.path("label").intValue());
    }
    Map<String, Object> dense = new LinkedHashMap<>();
    event
        .path("dense")
        .fields()
        .forEachRemaining(
            f -> dense.put(f.getKey(), f.getValue().isNull() ? null : f.getValue().asDouble()));
    record.put("dense", dense);
    Map<String, Object> sparse = new LinkedHashMap<>();
    event
        .path("sparse")
        .fields()
        .forEachRemaining(f -> sparse.put(f.getKey(), elements(f.getValue())));
    record.put("sparse", sparse);
    Map<String, Object> weights = new LinkedHashMap<>();
    event
        .path("weights")
        .fields()
        .forEachRemaining(f -> weights.put(f.getKey(), floats(f.getValue())));
    record.put("weights", weights);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<>(schema).write(record, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  /** By {@code event.proto}. */
  public static byte[] protobuf(JsonNode event, Descriptor type) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    if (event.has("event_id")) {
      message.setField(type.findFieldByName("event_id"), event.path("event_id").asText());
    }
    if (event.has("event_time")) {
      message.setField(type.findFieldByName("event_time"), event.path("event_time").longValue());
    }
    if (event.has("label")) {
      message.setField(type.findFieldByName("label"), event.path("label").intValue());
    }
    for (String name : List.of("dense", "sparse", "weights")) {
      FieldDescriptor map = type.findFieldByName(name);
      FieldDescriptor value = map.getMessageType().findFieldByName("value");
      event
          .path(name)
          .fields()
          .forEachRemaining(
              f -> {
                if (!f.getValue().isNull()) {
                  message.addRepeatedField(map, entry(map, value, f.getKey(), f.getValue()));
                }
              });
    }
    return message.build().toByteArray();
  }

  private static Message entry(
      FieldDescriptor map, FieldDescriptor value, String key, JsonNode json) {
    Object held;
    if (value.getType() == FieldDescriptor.Type.DOUBLE) {
      held = json.asDouble();
    } else {
      DynamicMessage.Builder list = DynamicMessage.newBuilder(value.getMessageType());
      if (value.getMessageType().getName().equals("Weights")) {
        FieldDescriptor values = value.getMessageType().findFieldByName("values");
        floats(json).forEach(v -> list.addRepeatedField(values, v));
      } else {
        FieldDescriptor ids = value.getMessageType().findFieldByName("ids");
        FieldDescriptor words = value.getMessageType().findFieldByName("words");
        elements(json).forEach(v -> list.addRepeatedField(v instanceof Long ? ids : words, v));
      }
      held = list.build();
    }
    return DynamicMessage.newBuilder(map.getMessageType())
        .setField(map.getMessageType().findFieldByName("key"), key)
        .setField(value, held)
        .build();
  }

  private static List<Object> elements(JsonNode bag) {
    List<Object> elements = new ArrayList<>();
    each(bag).forEach(e -> elements.add(e.isTextual() ? (Object) e.asText() : e.longValue()));
    return elements;
  }

  private static List<Float> floats(JsonNode weights) {
    List<Float> floats = new ArrayList<>();
    each(weights).forEach(w -> floats.add(w.floatValue()));
    return floats;
  }

  private static Iterable<JsonNode> each(JsonNode bag) {
    return bag.isArray() ? bag : bag.isNull() ? List.of() : List.of(bag);
  }
}
