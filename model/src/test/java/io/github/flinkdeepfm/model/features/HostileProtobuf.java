package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** Messages in many pieces, deep ones, empty lists, and fields that nobody knows. */
final class HostileProtobuf implements StepFuzz.Hostile {
  private static final ModelConfig MODEL = Events.model(1, true, 100, "C1");
  private static final int MAX_BYTES = 1 << 21;
  private static final int DELIMITED = 2;

  private static final String[][] COPIES = {
    {},
    {"/x"},
    {"/x/r/r", "/x/m/k/m/k"},
    {"/extra", "/numbers"},
    {"/x/names/5", "/x/a", "/x/g"},
    {"/x", "/x/r", "/x/r/r", "/x/m/k"}
  };

  private final List<EventDecoder> decoders = new ArrayList<>();
  private Random random;

  HostileProtobuf() {
    String schema = Base64.getEncoder().encodeToString(file().toByteArray());
    for (String[] copy : COPIES) {
      EventMapping mapping =
          new EventMapping(
              "/event_id",
              "/event_time",
              TimeFormat.EPOCH_MS,
              "/label",
              List.of(copy),
              MAX_BYTES,
              1 << 16);
      decoders.add(
          new ProtobufEventDecoder(
              mapping,
              new EventFormat.Protobuf(schema, "h.Event", RegistrySettings.NONE),
              FeaturesConfig.defaults(MODEL),
              MODEL));
    }
  }

  private static FieldDescriptorProto.Builder field(String name, int number, Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(Label.LABEL_OPTIONAL);
  }

  private static FieldDescriptorProto.Builder message(String name, int number, String type) {
    return field(name, number, Type.TYPE_MESSAGE).setTypeName(type);
  }

  private static FieldDescriptorProto.Builder repeated(FieldDescriptorProto.Builder field) {
    return field.setLabel(Label.LABEL_REPEATED);
  }

  private static DescriptorProto entry(String name, Type key, FieldDescriptorProto.Builder value) {
    return DescriptorProto.newBuilder()
        .setName(name)
        .addField(field("key", 1, key))
        .addField(value)
        .setOptions(MessageOptions.newBuilder().setMapEntry(true))
        .build();
  }

  private static FileDescriptorSet file() {
    DescriptorProto ids =
        DescriptorProto.newBuilder()
            .setName("Ids")
            .addField(repeated(field("ids", 1, Type.TYPE_INT64)))
            .build();
    DescriptorProto event =
        DescriptorProto.newBuilder()
            .setName("Event")
            .addField(field("event_id", 1, Type.TYPE_STRING))
            .addField(field("event_time", 2, Type.TYPE_INT64))
            .addField(field("label", 3, Type.TYPE_INT32))
            .addField(repeated(message("dense", 4, ".h.Event.DenseEntry")))
            .addField(repeated(message("sparse", 5, ".h.Event.SparseEntry")))
            .addField(repeated(message("weights", 6, ".h.Event.SparseEntry")))
            .addField(message("x", 7, ".h.R"))
            .addField(repeated(message("extra", 8, ".h.R")))
            .addField(repeated(field("numbers", 9, Type.TYPE_INT64)))
            .addNestedType(
                entry("DenseEntry", Type.TYPE_STRING, field("value", 2, Type.TYPE_DOUBLE)))
            .addNestedType(entry("SparseEntry", Type.TYPE_STRING, message("value", 2, ".h.Ids")))
            .build();
    DescriptorProto node =
        DescriptorProto.newBuilder()
            .setName("R")
            .addField(message("r", 1, ".h.R"))
            .addField(repeated(field("xs", 2, Type.TYPE_INT64)))
            .addField(repeated(message("m", 3, ".h.R.MEntry")))
            .addField(repeated(message("rs", 4, ".h.R")))
            .addField(message("a", 5, ".h.R").setOneofIndex(0))
            .addField(field("b", 6, Type.TYPE_INT64).setOneofIndex(0))
            .addField(field("text", 7, Type.TYPE_STRING))
            .addField(repeated(message("names", 8, ".h.R.NamesEntry")))
            .addField(field("g", 9, Type.TYPE_GROUP).setTypeName(".h.R"))
            .addField(repeated(field("e", 10, Type.TYPE_ENUM).setTypeName(".h.E")))
            .addOneofDecl(OneofDescriptorProto.newBuilder().setName("one"))
            .addNestedType(entry("MEntry", Type.TYPE_STRING, message("value", 2, ".h.R")))
            .addNestedType(
                entry("NamesEntry", Type.TYPE_INT64, field("value", 2, Type.TYPE_STRING)))
            .build();
    EnumDescriptorProto closed =
        EnumDescriptorProto.newBuilder()
            .setName("E")
            .addValue(EnumValueDescriptorProto.newBuilder().setName("ONE").setNumber(1))
            .build();
    return FileDescriptorSet.newBuilder()
        .addFile(
            FileDescriptorProto.newBuilder()
                .setName("h.proto")
                .setPackage("h")
                .addMessageType(ids)
                .addMessageType(event)
                .addMessageType(node)
                .addEnumType(closed))
        .build();
  }

  @Override
  public long stepsPerByte() {
    return 200;
  }

  @Override
  public long moreSteps() {
    return 100_000;
  }

  @Override
  public long heapPerByte() {
    return 200;
  }

  @Override
  public StepFuzz.Case next(Random random, int kind) {
    this.random = random;
    int n = 1 << (2 + random.nextInt(16));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, 1, "e".getBytes(UTF_8));
    write(
        out,
        4,
        concat(piece(1, "dense_0".getBytes(UTF_8)), new byte[] {17, 0, 0, 0, 0, 0, 0, 0, 0}));
    String what =
        switch (kind % 8) {
          case 0 -> unknown(out, n);
          case 1 -> pieces(out, n);
          case 2 -> deep(out);
          case 3 -> bags(out, n);
          default -> {
            out.writeBytes(piece(random.nextBoolean() ? 7 : 8, node(6, n)));
            yield "nodes";
          }
        };
    int decoder = random.nextInt(decoders.size());
    byte[] bytes = out.toByteArray();
    return new StepFuzz.Case(
        what + ", copies " + String.join(" ", COPIES[decoder]), decoders.get(decoder), bytes);
  }

  /** Fields without a name: of one number, of many, in groups, at any level. */
  private String unknown(ByteArrayOutputStream out, int n) {
    int numbers = random.nextBoolean() ? 1 : n;
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    for (int i = 0; i < n; i++) {
      int number = 20 + i % numbers;
      switch (random.nextInt(3)) {
        case 0 -> varints(fields, number << 3, 1);
        case 1 -> varints(fields, number << 3 | DELIMITED, 0);
        default -> varints(fields, number << 3 | 3, number << 3 | 4);
      }
    }
    out.writeBytes(random.nextBoolean() ? fields.toByteArray() : piece(7, fields.toByteArray()));
    return "unknown fields";
  }

  /** One message in many pieces, of which the first may be large. */
  private String pieces(ByteArrayOutputStream out, int n) {
    int[] path = {1, 5, 9, 3};
    byte[] piece = random.nextInt(4) == 0 ? node(2, 20) : new byte[] {16, 1};
    byte[] first = node(3, random.nextInt(n) + 1);
    int depth = 1 + random.nextInt(4);
    for (int i = 0; i < depth; i++) {
      int field = path[random.nextInt(path.length)];
      first = wrapped(field, first);
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      byte[] one = wrapped(field, piece);
      for (int k = 0; k < (i == 0 ? n / one.length : 1); k++) {
        many.writeBytes(one);
      }
      piece = many.toByteArray();
    }
    byte[] both = concat(first, piece);
    out.writeBytes(piece(7, random.nextBoolean() ? both : first));
    if (random.nextBoolean()) {
      byte[] small =
          piece(7, concat(wrapped(1, wrapped(1, new byte[] {16, 1})), new byte[] {48, 1}));
      for (int k = 0; k < n / small.length; k++) {
        out.writeBytes(small);
      }
    }
    return "pieces";
  }

  /** A value of a field of R: a group as such, a map's as an entry. */
  private byte[] wrapped(int field, byte[] value) {
    if (field == 9) {
      return concat(new byte[] {9 << 3 | 3}, concat(value, new byte[] {9 << 3 | 4}));
    }
    boolean map = field == 3;
    return piece(field, map ? concat(piece(1, "k".getBytes(UTF_8)), piece(2, value)) : value);
  }

  private String deep(ByteArrayOutputStream out) {
    byte[] node = node(1, 16);
    int depth = random.nextInt(random.nextBoolean() ? 70 : 2000);
    int field = random.nextInt(5) == 0 ? 30 : new int[] {1, 4, 5, 9, 3}[random.nextInt(5)];
    for (int i = 0; i < depth; i++) {
      node = wrapped(field, node);
    }
    out.writeBytes(piece(7, node));
    return "deep";
  }

  private String bags(ByteArrayOutputStream out, int n) {
    byte[] key = piece(1, (random.nextBoolean() ? "C1" : "C2").getBytes(UTF_8));
    for (int i = 0; i < n / 8; i++) {
      byte[] ids =
          switch (random.nextInt(4)) {
            case 0 -> new byte[] {10, 0};
            case 1 -> new byte[] {10, 0, 10, 1, 7, 8, 7};
            default -> new byte[] {10, 2, 1, 1};
          };
      write(out, random.nextInt(5) == 0 ? 6 : 5, concat(key, piece(2, ids)));
      write(out, 9, new byte[random.nextInt(2)]);
    }
    return "bags";
  }

  /** A message R of about such a size. */
  private byte[] node(int depth, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (out.size() < size) {
      int part = depth == 0 ? 0 : random.nextInt(1 + size / 2);
      switch (random.nextInt(depth == 0 ? 5 : 9)) {
        case 0 -> write(out, 2, new byte[random.nextInt(4)]);
        case 1 -> write(out, 2, new byte[random.nextInt(size + 1)]);
        case 2 -> write(out, 7, "a".repeat(random.nextInt(size + 1)).getBytes(UTF_8));
        case 3 -> varints(out, 6 << 3, 1);
        case 4 -> varints(out, 10 << 3, random.nextInt(3));
        case 5 -> out.writeBytes(wrapped(1, node(depth - 1, part)));
        case 6 -> out.writeBytes(wrapped(4, node(depth - 1, part)));
        case 7 -> out.writeBytes(wrapped(random.nextBoolean() ? 5 : 9, node(depth - 1, part)));
        default -> out.writeBytes(wrapped(3, node(depth - 1, part)));
      }
    }
    return out.toByteArray();
  }

  private static byte[] concat(byte[] one, byte[] other) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(one);
    out.writeBytes(other);
    return out.toByteArray();
  }

  private static void varints(ByteArrayOutputStream out, int... values) {
    for (int value : values) {
      int rest = value;
      for (; (rest & ~0x7F) != 0; rest >>>= 7) {
        out.write(rest & 0x7F | 0x80);
      }
      out.write(rest);
    }
  }

  private static void write(ByteArrayOutputStream out, int number, byte[] value) {
    varints(out, number << 3 | DELIMITED, value.length);
    out.writeBytes(value);
  }

  private static byte[] piece(int number, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, number, value);
    return out.toByteArray();
  }
}
