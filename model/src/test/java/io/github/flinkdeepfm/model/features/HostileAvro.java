package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import io.github.flinkdeepfm.model.features.avro.AvroEventDecoder;
import io.github.flinkdeepfm.model.fuzz.Steps;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/** Schemas whose values have few bytes or none, and events of them that say there are many. */
final class HostileAvro implements StepFuzz.Hostile {
  private static final ModelConfig MODEL = Events.model(1, true, 100, "C1");
  private static final String[] COPIES = {"/x", "/x/a", "/x/a/b/a/b/a/b/a/b", "/extra", "/extra/k"};
  private static final int MAX_BYTES = 1 << 21;
  private static final int MAX_VALUES = 1 << 18;
  private static final int STEPS_PER_SCHEMA_BYTE = 300;
  private static final int MORE_STEPS_OF_SCHEMA = 1_000_000;

  private Random random;
  private int names;
  private final List<String> known = new ArrayList<>();
  private ByteArrayOutputStream out;
  private int largest;
  private int values;
  private EventDecoder decoder;
  private Schema schema;
  private String what;

  @Override
  public long stepsPerByte() {
    return 100;
  }

  @Override
  public long moreSteps() {
    return 60L << 16; // values without bytes
  }

  @Override
  public long heapPerByte() {
    return 100;
  }

  @Override
  public long moreHeap() {
    return 32 << 20; // text of values without bytes
  }

  @Override
  public StepFuzz.Case next(Random random, int kind) {
    this.random = random;
    if (kind % 6 == 0) {
      newSchema(kind / 6);
    }
    out = new ByteArrayOutputStream();
    largest = 1 << (4 + random.nextInt(15));
    values = 0;
    write(schema, 0);
    return new StepFuzz.Case(what, decoder, out.toByteArray());
  }

  private void newSchema(int kind) {
    names = 0;
    known.clear();
    String x;
    what =
        switch (kind % 5) {
          case 0 -> "doubled records";
          case 1 -> "wide unions";
          case 2 -> "large";
          default -> "any";
        };
    switch (what) {
      case "doubled records" -> x = doubled(random.nextInt(60));
      case "wide unions" -> x = wideUnions(1 << random.nextInt(12));
      case "large" -> x = large(1 << (4 + random.nextInt(12)));
      default -> x = type(5);
    }
    String bags =
        "{\"type\":\"map\",\"values\":{\"type\":\"array\",\"items\":[\"long\",\"string\"]}}";
    String text =
        record(
            "Event",
            field("event_id", "\"string\""),
            field("event_time", "\"long\""),
            field("label", "\"int\""),
            field("dense", "{\"type\":\"map\",\"values\":\"double\"}"),
            field("x", x),
            field("sparse", bags),
            field("weights", "{\"type\":\"map\",\"values\":" + type(1) + "}"),
            field("extra", type(3)));
    List<String> copies = new ArrayList<>();
    for (String copy : COPIES) {
      if (random.nextInt(3) == 0) {
        copies.add(copy);
      }
    }
    EventMapping mapping =
        new EventMapping(
            "/event_id", "/event_time", TimeFormat.EPOCH_MS, "/label", copies, MAX_BYTES, 1 << 16);
    FeaturesConfig features = FeaturesConfig.defaults(MODEL);
    Steps.allow(MORE_STEPS_OF_SCHEMA + (long) STEPS_PER_SCHEMA_BYTE * text.length());
    try {
      decoder =
          new AvroEventDecoder(
              mapping, new EventFormat.Avro(text, RegistrySettings.NONE), features, MODEL);
    } catch (Steps.TooMany e) {
      throw new AssertionError(
          "schema of %d bytes, %s: %s"
              .formatted(text.length(), what, text.substring(0, Math.min(300, text.length()))),
          e);
    }
    Steps.allow(Long.MAX_VALUE);
    Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION);
    schema = parser.setValidateDefaults(false).parse(text);
  }

  private static String field(String name, String type) {
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  private static String record(String name, String... fields) {
    return "{\"type\":\"record\",\"name\":\"%s\",\"fields\":[%s]}"
        .formatted(name, String.join(",", fields));
  }

  /** Each record of two of the next: 2^depth values. */
  private String doubled(int depth) {
    String type = random.nextBoolean() ? "\"null\"" : record("N" + names++);
    String name = type.startsWith("{") ? "\"N0\"" : type;
    for (int i = 0; i < depth; i++) {
      String next = "D" + i;
      type = record(next, field("a", type), field("b", name));
      name = '"' + next + '"';
    }
    known.add(name);
    return type;
  }

  /** Records whose field may be any of them: so many to the power of a pointer's length. */
  private static String wideUnions(int width) {
    StringBuilder branches = new StringBuilder();
    for (int i = 0; i < width; i++) {
      String name = "U" + i;
      String branch =
          i == 0
              ? record(name, field("a", "\"W\""), field("b", "\"W\""))
              : record(name, field("b", "\"W\""));
      branches.append(i == 0 ? "" : ",").append(branch);
    }
    return record("W", field("a", "[" + branches + "]"));
  }

  private String large(int n) {
    StringBuilder text = new StringBuilder();
    switch (random.nextInt(4)) {
      case 0:
        for (int i = 0; i < n; i++) {
          text.append(i == 0 ? "" : ",").append(field("f" + i, "\"null\""));
        }
        return record("Wide", text.toString());
      case 1:
        for (int i = 0; i < n; i++) {
          text.append(i == 0 ? "" : ",").append("\"s").append(i).append('"');
        }
        return "{\"type\":\"enum\",\"name\":\"Large\",\"symbols\":[" + text + "]}";
      case 2:
        for (int i = 0; i < Math.min(n, 300); i++) {
          text.append("{\"type\":\"array\",\"items\":");
        }
        return text + "\"null\"" + "}".repeat(Math.min(n, 300));
      default:
        for (int i = 0; i < n; i++) {
          String aliases = random.nextBoolean() ? "" : ",\"aliases\":[\"A" + i + "\"]";
          text.append(i == 0 ? "" : ",")
              .append("{\"type\":\"record\",\"name\":\"L" + i + "\"" + aliases)
              .append(",\"doc\":\"doc\",\"fields\":[" + field("a", "[\"null\",\"Event\"]") + "]}");
        }
        return "[" + text + "]";
    }
  }

  private String type(int depth) {
    int kind = random.nextInt(depth > 0 ? 14 : 8);
    switch (kind) {
      case 0, 1:
        return "\"null\"";
      case 2:
        return known.isEmpty() ? "\"null\"" : known.get(random.nextInt(known.size()));
      case 3:
        return "{\"type\":\"fixed\",\"name\":\"F%d\",\"size\":%d}"
            .formatted(names++, random.nextInt(2));
      case 4:
        return "{\"type\":\"enum\",\"name\":\"E%d\",\"symbols\":[\"ff\"]}".formatted(names++);
      case 5:
        return List.of("\"long\"", "\"int\"", "\"boolean\"").get(random.nextInt(3));
      case 6:
        return List.of("\"string\"", "\"bytes\"", "\"double\"").get(random.nextInt(3));
      case 7:
        return record("N" + names++);
      case 8, 9:
        return "{\"type\":\"array\",\"items\":" + type(depth - 1) + "}";
      case 10:
        return "{\"type\":\"map\",\"values\":" + type(depth - 1) + "}";
      case 11:
        String name = "N" + names++;
        known.add('"' + name + '"');
        return record(
            name, field("next", "[\"null\",\"" + name + "\"]"), field("a", type(depth - 1)));
      default:
        List<String> fields = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
          fields.add(field("abcdef".substring(i, i + 1), type(depth - 1)));
        }
        return record("N" + names++, fields.toArray(new String[0]));
    }
  }

  private void number(long value) {
    long rest = (value << 1) ^ (value >> 63);
    for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
      out.write((int) (rest & 0x7F | 0x80));
    }
    out.write((int) rest);
  }

  private boolean isEnough() {
    return out.size() > largest || values > MAX_VALUES;
  }

  private void write(Schema type, int depth) {
    values++;
    if (values > MAX_VALUES || depth > 80) {
      return;
    }
    switch (type.getType()) {
      case RECORD -> {
        for (Schema.Field field : type.getFields()) {
          if (field.name().equals("event_time")) {
            number(1_700_000_000_000L);
          } else {
            write(field.schema(), depth + 1);
          }
        }
      }
      case UNION -> {
        int n = type.getTypes().size();
        int branch = isEnough() ? 0 : random.nextInt(8) == 0 ? random.nextInt(n) : n - 1;
        number(branch);
        write(type.getTypes().get(branch), depth + 1);
      }
      case ARRAY -> blocks(() -> write(type.getElementType(), depth + 1));
      case MAP ->
          blocks(
              () -> {
                text();
                write(type.getValueType(), depth + 1);
              });
      case FIXED -> out.writeBytes(new byte[type.getFixedSize()]);
      case STRING, BYTES -> text();
      case DOUBLE -> out.writeBytes(new byte[8]);
      case FLOAT -> out.writeBytes(new byte[4]);
      case INT, ENUM, BOOLEAN -> out.write(0);
      case LONG -> number(random.nextInt(3) == 0 ? random.nextLong() : 1);
      default -> {}
    }
  }

  private void text() {
    String name = List.of("C1", "dense_0", "k", "").get(random.nextInt(4));
    name = random.nextInt(20) == 0 ? name : name + values;
    int times = random.nextInt(90) == 0 ? random.nextInt(largest + 1) / 8 : 1;
    byte[] bytes = name.repeat(times).getBytes(UTF_8);
    number(bytes.length);
    out.writeBytes(bytes);
  }

  private void blocks(Runnable item) {
    for (int blocks = 1 + random.nextInt(random.nextInt(6) == 0 ? 1000 : 2); blocks > 0; blocks--) {
      if (isEnough()) {
        break;
      }
      int items = 1 + random.nextInt(random.nextInt(5) == 0 ? largest : 3);
      ByteArrayOutputStream outer = out;
      out = new ByteArrayOutputStream();
      item.run();
      ByteArrayOutputStream first = out;
      out = outer;
      if (first.size() == 0) {
        long[] counts = {1, 1000, 1 << 20, 1L << 40, Long.MAX_VALUE};
        long count = counts[random.nextInt(counts.length)];
        number(random.nextInt(3) == 0 ? -count : count);
        if (random.nextInt(3) == 0) {
          number(0);
        }
      } else {
        number(items);
        out.writeBytes(first.toByteArray());
        for (int i = 1; i < items && !isEnough(); i++) {
          item.run();
        }
      }
    }
    number(0);
  }
}
