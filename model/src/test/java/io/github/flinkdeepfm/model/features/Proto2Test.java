package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufSchema;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What proto2 has and proto3 has not; ff is 255, e7 is 231 and cb is 203, modulo 100 rows. */
class Proto2Test {
  private static final String[] KEYS = {"hex", "packed", "one", "first", "second", "k"};
  private static final int FF = 3;
  private static final int E7 = 5;
  private static final int CB = 5;
  private static final int UNKNOWN = 4;

  @TempDir Path dir;
  private Descriptor type;
  private EventDecoder decoder;

  @BeforeEach
  void readTheDescriptor() throws Exception {
    String descriptors;
    try (InputStream in = Proto2Test.class.getResourceAsStream("/protobuf/two.desc")) {
      descriptors = Base64.getEncoder().encodeToString(in.readAllBytes());
    }
    type = ProtobufSchema.message(descriptors, "two.Event");
    ModelConfig model = Events.model(2, false, 100, KEYS);
    StringBuilder sparse = new StringBuilder();
    for (String key : KEYS) {
      sparse
          .append(sparse.isEmpty() ? "" : ",")
          .append("{\"name\":\"%s\",\"encoding\":\"hex\",\"source\":\"".formatted(key))
          .append(key.equals("k") ? "/keyed/k\"}" : "/sparse/" + key + "\"}");
    }
    FeaturesConfig features =
        Events.features(
            dir,
            model,
            "{\"dense\":[{\"name\":\"a\",\"default\":-1},{\"name\":\"b\",\"default\":-2}],\"sparse\":["
                + sparse
                + "]}");
    EventMapping mapping =
        new EventMapping(
            "/event_id",
            null,
            EventMapping.TimeFormat.EPOCH_MS,
            "/userId",
            List.of("/user_id"),
            1 << 20,
            100);
    decoder =
        new ProtobufEventDecoder(
            mapping,
            new EventFormat.Protobuf(descriptors, "two.Event", RegistrySettings.NONE),
            features,
            model);
  }

  private DynamicMessage.Builder event() {
    return DynamicMessage.newBuilder(type).setField(field("event_id"), "e");
  }

  private FieldDescriptor field(String name) {
    return type.findFieldByName(name);
  }

  /** The number of each field of the group, as the wire has it. */
  private Twin sparse(UnknownFieldSet numbers) {
    return Twin.of(
        decoder,
        event()
            .setField(
                field("sparse"),
                DynamicMessage.newBuilder(field("sparse").getMessageType())
                    .setUnknownFields(numbers)
                    .build())
            .build()
            .toByteArray());
  }

  private static UnknownFieldSet.Field varints(long... numbers) {
    UnknownFieldSet.Field.Builder field = UnknownFieldSet.Field.newBuilder();
    for (long number : numbers) {
      field.addVarint(number);
    }
    return field.build();
  }

  @Test
  void groupsAreSteppedIntoAndWhatIsNotSentIsAbsentWhateverItsDefault() {
    FieldDescriptor dense = field("dense");
    assertThat(dense.getType()).isEqualTo(FieldDescriptor.Type.GROUP);
    DynamicMessage group =
        DynamicMessage.newBuilder(dense.getMessageType())
            .setField(dense.getMessageType().findFieldByName("a"), 0.0)
            .build();
    Twin event = Twin.of(decoder, event().setField(dense, group).build().toByteArray());
    assertThat(event.dense()).containsExactly(0f, -2f);
    assertThat(Twin.of(decoder, event().build().toByteArray()).dense()).containsExactly(-1f, -2f);
  }

  @Test
  void aRequiredFieldThatIsNotThereIsAbsent() {
    byte[] withoutAnId =
        DynamicMessage.newBuilder(type).setField(field("user_id"), 7L).buildPartial().toByteArray();
    assertThat(Twin.of(decoder, withoutAnId).outside().get(0)).isNull();
  }

  @Test
  void aFieldMappedByBothItsNamesIsReadForBoth() {
    Twin event = Twin.of(decoder, event().setField(field("user_id"), 7L).build().toByteArray());
    assertThat(event.outside().subList(2, 4)).containsExactly("7", List.of("7"));
  }

  @Test
  void aNumberThatAClosedEnumDoesNotHaveIsAnUnknownField() {
    Twin event =
        sparse(
            UnknownFieldSet.newBuilder()
                .addField(1, varints(FF, UNKNOWN, E7))
                .addField(
                    2,
                    UnknownFieldSet.Field.newBuilder()
                        .addLengthDelimited(
                            ByteString.copyFrom(new byte[] {UNKNOWN, E7, UNKNOWN, FF}))
                        .build())
                .addField(3, varints(E7, UNKNOWN))
                .addField(4, varints(FF))
                .addField(5, varints(UNKNOWN))
                .build());
    assertThat(event.bags())
        .containsExactly(
            List.of(55L, 31L), List.of(31L, 55L), List.of(31L), List.of(55L), List.of(), List.of());
    assertThat(event.outside().get(5)).as("unknown fields").isEqualTo(5);
  }

  @Test
  void anEntryOfAnUnknownNumberLeavesTheEntryBeforeIt() {
    UnknownFieldSet.Builder keyed = UnknownFieldSet.newBuilder();
    for (long number : new long[] {CB, UNKNOWN}) {
      keyed.mergeField(
          5,
          UnknownFieldSet.Field.newBuilder()
              .addLengthDelimited(
                  UnknownFieldSet.newBuilder()
                      .addField(
                          1,
                          UnknownFieldSet.Field.newBuilder()
                              .addLengthDelimited(ByteString.copyFromUtf8("k"))
                              .build())
                      .addField(2, varints(number))
                      .build()
                      .toByteString())
              .build());
    }
    Twin event = Twin.of(decoder, event().setUnknownFields(keyed.build()).build().toByteArray());
    assertThat(event.bags().get(5)).containsExactly(3L);
  }
}
