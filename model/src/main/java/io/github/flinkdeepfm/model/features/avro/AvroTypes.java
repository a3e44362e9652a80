package io.github.flinkdeepfm.model.features.avro;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.IdentityHashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** Compiles schemas to types, each named one once. */
final class AvroTypes {
  private final Map<Schema, AvroType> records = new IdentityHashMap<>();

  AvroType of(Schema schema) {
    return switch (schema.getType()) {
      case NULL -> new AvroScalars.NullType();
      case BOOLEAN -> new AvroScalars.BooleanType();
      case INT -> new AvroScalars.IntType();
      case LONG -> ofLong(schema);
      case FLOAT -> new AvroScalars.FloatType();
      case DOUBLE -> new AvroScalars.DoubleType();
      case STRING -> new AvroScalars.TextType();
      case BYTES -> new AvroScalars.BytesType(-1);
      case FIXED -> new AvroScalars.BytesType(schema.getFixedSize());
      case ENUM -> new AvroScalars.SymbolType(schema.getEnumSymbols());
      case ARRAY -> new AvroContainers.ArrayType(of(schema.getElementType()));
      case MAP -> new AvroContainers.MapType(of(schema.getValueType()));
      case UNION ->
          new AvroContainers.UnionType(
              schema.getTypes().stream().map(this::of).toArray(AvroType[]::new));
      case RECORD -> ofRecord(schema);
    };
  }

  private static AvroType ofLong(Schema schema) {
    String logical = schema.getProp("logicalType");
    return switch (logical == null ? "" : logical) {
      case "timestamp-millis" -> new AvroScalars.TimestampType(1);
      case "timestamp-micros" -> new AvroScalars.TimestampType(1_000);
      case "timestamp-nanos" -> new AvroScalars.TimestampType(1_000_000);
      default -> new AvroScalars.LongType();
    };
  }

  private AvroType ofRecord(Schema schema) {
    AvroType known = records.get(schema);
    if (known != null) {
      return known;
    }
    AvroContainers.RecordType type =
        new AvroContainers.RecordType(
            schema.getFields().stream()
                .map(field -> field.name().getBytes(UTF_8))
                .toArray(byte[][]::new));
    records.put(schema, type);
    for (Schema.Field field : schema.getFields()) {
      type.types[field.pos()] = of(field.schema());
    }
    return type;
  }
}
