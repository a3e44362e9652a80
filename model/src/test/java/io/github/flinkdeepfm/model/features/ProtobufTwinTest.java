package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.EventMapping.TimeFormat;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protobuf's bytes straight to columns, against DynamicMessage, JSON, and the JSON decoder. */
class ProtobufTwinTest {
  private static final int EVENTS = 12_000;
  private static final String[] STRINGS = {"red", "grün", "", "😀", "a\"\\b\n\u0000", "12"};

  @TempDir Path dir;

  @Test
  void agreesOnAnUnweightedModel() throws Exception {
    check(1, false, ",\"max_length\":2", "/extra", "/x/k", "/other", "/sparse/hex");
  }

  @Test
  void agreesOnAWeightedModel() throws Exception {
    check(2, true, "", "/extra/next/names/5");
  }

  @Test
  void agreesWherePointersAreSharedOrPrefixesOfOthers() throws Exception {
    String source = ",\"source\":\"/sparse/id\",\"weights_source\":\"/weights/id\"";
    check(3, true, source, "/x", "/dense/a", "/sparse/id", "/weights", "/weights/id");
  }

  @Test
  void agreesOnWhatIsOptionalInEncodings() throws Exception {
    checkOf(4, false, EventScenario.LENIENT.formatted("abs"));
    checkOf(5, true, EventScenario.LENIENT.formatted("signed"));
  }

  private void check(long seed, boolean weighted, String lastFeature, String... copy)
      throws Exception {
    checkOf(seed, weighted, EventScenario.EVERYTHING.formatted(lastFeature), copy);
  }

  private void checkOf(long seed, boolean weighted, String featuresJson, String... copy)
      throws Exception {
    EventMapping mapping =
        new EventMapping(
            "/event_id", "/event_time", TimeFormat.ISO8601, "/label", List.of(copy), 3000, 12);
    ModelConfig model = Events.model(4, weighted, 100, EventScenario.ALL);
    FeaturesConfig features = Events.features(dir, model, featuresJson);
    EventDecoder json = new JsonEventDecoder(withMillis(mapping), features, model);
    EventFormat.Protobuf format =
        new EventFormat.Protobuf(descriptors("twin"), "twin.Event", RegistrySettings.NONE);
    EventDecoder protobuf = new ProtobufEventDecoder(mapping, format, features, model);
    Descriptor packed = ProtobufSchema.message(format.descriptors(), "twin.Event");
    Descriptor unpacked = ProtobufSchema.message(descriptors("unpacked"), "twin.Event");
    Plain plain = new Plain(mapping, features, weighted);
    Random random = new Random(seed);
    Map<DeadLetterReason, Integer> reasons = new EnumMap<>(DeadLetterReason.class);
    int accepted = 0;
    int damagedAccepted = 0;
    for (int i = 0; i < EVENTS; i++) {
      byte[] bytes = message(packed, random, 4).build().toByteArray();
      boolean merged = random.nextInt(3) == 0;
      if (merged) {
        bytes = concat(message(unpacked, random, 4).build().toByteArray(), bytes);
      }
      if (bytes.length == 0) {
        continue;
      }
      Message message = DynamicMessage.parseFrom(packed, bytes);
      Twin twin = Twin.of(protobuf, bytes);
      Twin expected = expected(json, mapping, plain.of(message, ""));
      if (merged && twin.reason() == null && expected.reason() == null) {
        // A key that comes twice is counted twice.
        twin.outside().set(5, null);
        expected.outside().set(5, null);
      }
      assertThat(twin).as("%s", message).isEqualTo(expected);
      if (twin.reason() == null) {
        accepted++;
      } else {
        reasons.merge(twin.reason(), 1, Integer::sum);
      }
      damagedAccepted += damaged(packed, bytes, random, protobuf, json, mapping, plain);
    }
    assertThat(accepted).as("%s", reasons).isBetween(EVENTS / 30, EVENTS * 9 / 10);
    assertThat(damagedAccepted).isPositive();
  }

  private static EventMapping withMillis(EventMapping m) {
    return new EventMapping(
        m.id(), m.time(), TimeFormat.EPOCH_MS, m.label(), m.copy(), 1 << 20, m.maxIds());
  }

  private static int damaged(
      Descriptor type,
      byte[] bytes,
      Random random,
      EventDecoder protobuf,
      EventDecoder json,
      EventMapping mapping,
      Plain plain) {
    byte[] damaged = AvroTwinTest.damage(bytes, random);
    Twin twin = Twin.of(protobuf, damaged);
    if (twin.reason() != null) {
      return 0;
    }
    Twin expected;
    try {
      expected = expected(json, mapping, plain.of(DynamicMessage.parseFrom(type, damaged), ""));
    } catch (InvalidProtocolBufferException e) {
      return 0; // in what is passed over here
    }
    if (expected.reason() != null) {
      assertThat(expected.reason()).isEqualTo(DeadLetterReason.NOT_JSON); // NaN is none
      return 0;
    }
    assertThat(twin.dense()).isEqualTo(expected.dense());
    assertThat(twin.bags()).isEqualTo(expected.bags());
    assertThat(twin.weights()).isEqualTo(expected.weights());
    return 1;
  }

  private static Twin expected(EventDecoder json, EventMapping mapping, Object value) {
    Twin twin = Twin.of(json, JsonOf.bytes(value));
    if (twin.reason() != null) {
      return twin;
    }
    List<Object> outside = twin.outside();
    Object label = JsonOf.at(value, mapping.label());
    outside.set(2, label == null ? null : JsonOf.copied(label));
    outside.set(
        3,
        mapping.copy().stream()
            .map(pointer -> JsonOf.at(value, pointer))
            .map(copied -> copied == null ? null : JsonOf.copied(copied))
            .toList());
    return twin;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static String descriptors(String name) throws IOException {
    try (InputStream in =
        ProtobufTwinTest.class.getResourceAsStream("/protobuf/" + name + ".desc")) {
      return Base64.getEncoder().encodeToString(in.readAllBytes());
    }
  }

  private static Message.Builder message(Descriptor type, Random random, int depth) {
    Message.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      boolean nested = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
      if (random.nextInt(12) == 0 || (nested && (depth == 0 || field.getName().equals("named")))) {
        continue;
      }
      if (field.isMapField()) {
        for (String key : keys(field.getName(), random)) {
          message.addRepeatedField(field, entry(field.getMessageType(), key, random, depth));
        }
      } else if (field.isRepeated()) {
        for (int n = random.nextInt(4); n > 0; n--) {
          message.addRepeatedField(field, value(field, random, depth));
        }
      } else {
        message.setField(field, value(field, random, depth));
      }
    }
    return message;
  }

  private static List<String> keys(String field, Random random) {
    return switch (field) {
      case "weights" ->
          Arrays.stream(EventScenario.ALL).filter(k -> random.nextInt(6) == 0).toList();
      case "x" -> List.of("y/z", "k").subList(random.nextInt(2), 2);
      case "names" -> List.of("5", "-7", "0");
      default -> List.of("true", "false");
    };
  }

  private static Message entry(Descriptor type, String key, Random random, int depth) {
    Object typed =
        switch (type.findFieldByNumber(1).getType()) {
          case INT32 -> Integer.valueOf(key);
          case BOOL -> Boolean.valueOf(key);
          default -> key;
        };
    return DynamicMessage.newBuilder(type)
        .setField(type.findFieldByNumber(1), typed)
        .setField(type.findFieldByNumber(2), value(type.findFieldByNumber(2), random, depth))
        .build();
  }

  private static Object value(FieldDescriptor field, Random random, int depth) {
    if (field.getFullName().startsWith("google.protobuf.Timestamp")) {
      return field.getNumber() == 1
          ? (Object) (1_700_000_000L + random.nextInt())
          : (Object) random.nextInt(1_000_000_000);
    }
    boolean id = field.getName().equals("id");
    return switch (field.getType()) {
      case DOUBLE -> random.nextInt(9) == 0 ? 0.0 : random.nextGaussian() * 10;
      case FLOAT -> (float) (random.nextInt(9) == 0 ? -0.0 : random.nextGaussian() * 10);
      case INT64, SINT64, UINT64, FIXED64, SFIXED64 ->
          random.nextInt(id ? 50 : 5) == 0 ? random.nextLong() : random.nextInt(100);
      case INT32, SINT32, UINT32, FIXED32, SFIXED32 ->
          random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(3);
      case BOOL -> random.nextBoolean();
      case STRING -> STRINGS[random.nextInt(STRINGS.length)];
      case BYTES -> ByteString.copyFrom(new byte[] {1, (byte) random.nextInt()});
      case ENUM ->
          field
              .getEnumType()
              .findValueByNumberCreatingIfUnknown(
                  random.nextInt(60) == 0 ? random.nextInt() : 1 + random.nextInt(2));
      default -> message(field.getMessageType(), random, depth - 1).build();
    };
  }

  /**
   * Messages in the types of {@link JsonOf}. A zero without presence is there if a pointer asks for
   * it: otherwise it is not on the wire, where fields are counted.
   */
  private static final class Plain {
    private final Set<String> mapped = new TreeSet<>();

    Plain(EventMapping mapping, FeaturesConfig features, boolean weighted) {
      mapped.addAll(List.of(mapping.id(), mapping.time(), mapping.label()));
      mapped.addAll(mapping.copy());
      features.dense().forEach(f -> mapped.add(f.source()));
      features.sparse().forEach(f -> mapped.add(f.source()));
      if (weighted) {
        features.sparse().forEach(f -> mapped.add(f.weightsSource()));
      }
    }

    private boolean isMapped(String pointer) {
      return mapped.stream()
          .anyMatch(
              m -> (m + "/").startsWith(pointer + "/") || (pointer + "/").startsWith(m + "/"));
    }

    Object of(Message message, String pointer) {
      Descriptor type = message.getDescriptorForType();
      if (type.getFullName().equals("google.protobuf.Timestamp")) {
        long seconds = (Long) message.getField(type.findFieldByNumber(1));
        int nanos = (Integer) message.getField(type.findFieldByNumber(2));
        return BigInteger.valueOf(seconds)
            .multiply(BigInteger.valueOf(1000))
            .add(BigInteger.valueOf(Math.floorDiv(nanos, 1_000_000)));
      }
      Map<String, Object> plain = new LinkedHashMap<>();
      for (FieldDescriptor field : type.getFields()) {
        String below = pointer + "/" + field.getName();
        if (field.isRepeated()) {
          List<?> values = (List<?>) message.getField(field);
          if (!values.isEmpty()) {
            plain.put(field.getName(), repeated(field, values, below));
          }
        } else if (message.hasField(field) || (!field.hasPresence() && isMapped(below))) {
          plain.put(field.getName(), one(field, message.getField(field), below));
        }
      }
      return plain;
    }

    private Object repeated(FieldDescriptor field, List<?> values, String pointer) {
      if (!field.isMapField()) {
        return values.stream().map(v -> one(field, v, pointer)).toList();
      }
      Map<String, Object> map = new LinkedHashMap<>();
      for (Object value : values) {
        Message entry = (Message) value;
        Descriptor type = entry.getDescriptorForType();
        String key = String.valueOf(entry.getField(type.findFieldByNumber(1)));
        Object held = entry.getField(type.findFieldByNumber(2));
        if (held instanceof Message list && type.getName().matches("WeightsEntry|ListsEntry")) {
          held = list.getField(list.getDescriptorForType().findFieldByNumber(1));
          map.put(key, new ArrayList<>((List<?>) held));
        } else {
          map.put(key, one(type.findFieldByNumber(2), held, pointer + "/" + key));
        }
      }
      return map;
    }

    private Object one(FieldDescriptor field, Object value, String pointer) {
      return switch (field.getType()) {
        case UINT32, FIXED32 -> Integer.toUnsignedLong((Integer) value);
        case UINT64, FIXED64 -> new BigInteger(Long.toUnsignedString((Long) value));
        case BYTES -> ((ByteString) value).toByteArray();
        case ENUM -> {
          EnumValueDescriptor symbol = (EnumValueDescriptor) value;
          yield symbol.getName().startsWith("UNKNOWN_ENUM_VALUE")
              ? (Object) symbol.getNumber()
              : symbol.getName();
        }
        case MESSAGE, GROUP -> of((Message) value, pointer);
        default -> value;
      };
    }
  }
}
