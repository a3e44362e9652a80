package io.github.flinkdeepfm.model.features;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Schemas and events of random types at the places that {@link EventScenario#EVERYTHING} names. */
final class AvroEvents {
  private static final String ENUM =
      "{\"type\":\"enum\",\"name\":\"E%d\",\"symbols\":[\"red\",\"ff\",\"x\"]}";
  private static final String FIXED = "{\"type\":\"fixed\",\"name\":\"F%d\",\"size\":3}";
  private static final String[] STRINGS = {
    "red", "grün", "ff", "1a2B", "12", "", "😀", "a\"\\b\n\u0000", "2024-02-29T10:11:12.5Z"
  };

  private final Random random;
  private final Map<String, List<String>> good = new LinkedHashMap<>();
  private int names;

  AvroEvents(Random random) {
    this.random = random;
    good.put("id", List.of("\"int\"", "\"long\"", "[\"null\",\"long\"]"));
    good.put(
        "hash",
        List.of("\"string\"", "\"long\"", ENUM, FIXED, "\"bytes\"", "[\"int\",\"string\"]"));
    good.put("hex", List.of(ENUM));
    good.put("words", List.of("\"string\"", ENUM, "\"bytes\""));
    good.put(
        "number",
        List.of("\"int\"", "\"long\"", "\"float\"", "\"double\"", "[\"null\",\"double\"]"));
  }

  Schema schema() {
    List<String> fields = new ArrayList<>();
    fields.add(field("event_id", rarelyOther("\"string\"", "\"long\"", "[\"null\",\"string\"]")));
    fields.add(
        field(
            "event_time",
            rarelyOther("\"long\"", "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}")));
    fields.add(field("label", rarelyOther("\"int\"", "\"float\"", "[\"null\",\"int\"]", ENUM)));
    fields.add(field("extra", any(3)));
    fields.add(field("other", any(2)));
    fields.add(
        field("x", "{\"type\":\"map\",\"values\":[\"null\",\"float\",\"double\",\"long\"]}"));
    fields.add(field("dense", container(List.of("a", "b", "d", "e"), false)));
    fields.add(field("sparse", container(List.of(EventScenario.ALL), true)));
    fields.add(field("weights", container(List.of(EventScenario.ALL), false)));
    Collections.shuffle(fields, random);
    return new Schema.Parser().parse(record(fields));
  }

  private String container(List<String> keys, boolean sparse) {
    boolean weights = !sparse && keys.size() > 4;
    if (!sparse && random.nextInt(3) == 0) {
      String number = oneOf("\"double\"", "\"float\"", "[\"null\",\"int\",\"double\"]");
      return "{\"type\":\"map\",\"values\":" + (weights ? array(number) : number) + "}";
    }
    List<String> fields = new ArrayList<>();
    for (String key : keys) {
      if (random.nextInt(15) > 0) {
        List<String> types = good.get(sparse ? rule(key) : "number");
        String type = rarelyOther(types.toArray(new String[0]));
        boolean bag = weights || (sparse && random.nextInt(4) > 0);
        fields.add(field(key, bag ? nullable(array(type)) : type));
      }
    }
    return nullable(record(fields));
  }

  private static String rule(String key) {
    return switch (key) {
      case "hash", "hex", "words" -> key;
      case "bucket" -> "number";
      default -> "id";
    };
  }

  private String nullable(String type) {
    return random.nextInt(4) > 0 || type.startsWith("[") ? type : "[\"null\"," + type + "]";
  }

  private static String array(String items) {
    return "{\"type\":\"array\",\"items\":" + items + "}";
  }

  private String record(List<String> fields) {
    return "{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[%s]}"
        .formatted(names++, String.join(",", fields));
  }

  private static String field(String name, String type) {
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  private String rarelyOther(String... types) {
    return random.nextInt(60) == 0 ? any(2) : oneOf(types);
  }

  private String oneOf(String... types) {
    return types[random.nextInt(types.length)].formatted(names++);
  }

  private String any(int depth) {
    return switch (random.nextInt(depth > 0 ? 13 : 9)) {
      case 0 -> "\"null\"";
      case 1 -> "\"boolean\"";
      case 2 -> "\"long\"";
      case 3 -> "\"float\"";
      case 4 -> "\"double\"";
      case 5 -> "\"string\"";
      case 6 -> "\"bytes\"";
      case 7 -> ENUM.formatted(names++);
      case 8 -> FIXED.formatted(names++);
      case 9 -> array(any(depth - 1));
      case 10 -> "{\"type\":\"map\",\"values\":" + any(depth - 1) + "}";
      case 11 -> record(List.of(field("a", any(depth - 1)), field("b", any(depth - 1))));
      default -> "[\"null\"," + record(List.of(field("k", any(depth - 1)))) + ",\"int\"]";
    };
  }

  /** A value of the schema in Avro's generic types. */
  Object value(Schema schema, String field) {
    switch (schema.getType()) {
      case NULL:
        return null;
      case BOOLEAN:
        return random.nextBoolean();
      case INT:
        return random.nextInt(100) == 0 ? random.nextInt() : random.nextInt(100);
      case LONG:
        return field.equals("event_time")
            ? 1_700_000_000_000L + random.nextInt()
            : random.nextInt(100) == 0 ? random.nextLong() : random.nextInt(100);
      case FLOAT:
        return (float) (random.nextInt(9) == 0 ? -0.0 : random.nextGaussian() * 10);
      case DOUBLE:
        return random.nextInt(9) == 0 ? random.nextInt(20) * 1e20 : random.nextGaussian() * 10;
      case STRING:
        return STRINGS[random.nextInt(STRINGS.length)];
      case BYTES:
        return ByteBuffer.wrap(randomBytes(random.nextInt(5)));
      case FIXED:
        return new GenericData.Fixed(schema, randomBytes(schema.getFixedSize()));
      case ENUM:
        int symbol = random.nextInt(schema.getEnumSymbols().size());
        return new GenericData.EnumSymbol(
            schema, schema.getEnumSymbols().get(field.equals("hex") ? 1 : symbol));
      case UNION:
        return value(schema.getTypes().get(random.nextInt(schema.getTypes().size())), field);
      case ARRAY:
        List<Object> items = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          items.add(value(schema.getElementType(), field));
        }
        return items;
      case MAP:
        return map(schema, field);
      default:
        GenericData.Record record = new GenericData.Record(schema);
        for (Schema.Field f : schema.getFields()) {
          record.put(f.pos(), value(f.schema(), f.name()));
        }
        return record;
    }
  }

  private Map<String, Object> map(Schema schema, String field) {
    Map<String, Object> map = new LinkedHashMap<>();
    List<String> keys = new ArrayList<>(List.of("k", "y/z", "a", "b", "d"));
    if (field.equals("weights")) {
      keys.addAll(List.of(EventScenario.ALL));
    }
    Collections.shuffle(keys, random);
    for (String key : keys.subList(0, random.nextInt(8) == 0 ? 1 : keys.size())) {
      map.put(key, value(schema.getValueType(), key));
    }
    return map;
  }

  private byte[] randomBytes(int n) {
    byte[] bytes = new byte[n];
    random.nextBytes(bytes);
    return bytes;
  }

  /** With the byte sizes of blocks, or without. */
  static byte[] write(Schema schema, Object value, boolean blocking) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      EncoderFactory factory = new EncoderFactory().configureBlockSize(64);
      BinaryEncoder encoder =
          blocking ? factory.blockingBinaryEncoder(out, null) : factory.binaryEncoder(out, null);
      new GenericDatumWriter<>(schema).write(value, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What Avro's own reader makes of it, in the types of {@link JsonOf}. */
  static Object read(Schema schema, byte[] bytes) throws IOException {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    GenericDatumReader<Object> reader =
        new GenericDatumReader<>(schema, schema, new GenericData().setFastReaderEnabled(false)) {
          @Override
          protected Object newMap(Object old, int size) {
            return new LinkedHashMap<>(); // document order, which copies keep
          }
        };
    Object value = reader.read(null, decoder);
    if (!decoder.isEnd()) {
      throw new IOException("more after its end");
    }
    return plain(value);
  }

  private static Object plain(Object value) {
    if (value instanceof IndexedRecord record) {
      Map<String, Object> map = new LinkedHashMap<>();
      record.getSchema().getFields().forEach(f -> map.put(f.name(), plain(record.get(f.pos()))));
      return map;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> plain = new LinkedHashMap<>();
      map.forEach((k, v) -> plain.put(k.toString(), plain(v)));
      return plain;
    }
    if (value instanceof Collection<?> list) {
      List<Object> plain = new ArrayList<>();
      list.forEach(v -> plain.add(plain(v)));
      return plain;
    }
    if (value instanceof GenericFixed fixed) {
      return fixed.bytes();
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    return value instanceof CharSequence || value instanceof GenericData.EnumSymbol
        ? value.toString()
        : value;
  }
}
