package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;
import io.github.flinkdeepfm.model.registry.Framing;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A registry's frame in front of a Protobuf event names the configured message, or is refused. */
class ProtobufFrameTest {
  private static final byte[] MESSAGE = {10, 1, 'e'};

  /** Messages A, B {map entry, C, D}, each with an event_id. */
  private static final String DESCRIPTORS =
      Base64.getEncoder()
          .encodeToString(
              FileDescriptorSet.newBuilder()
                  .addFile(
                      FileDescriptorProto.newBuilder()
                          .setName("a.proto")
                          .setPackage("shop")
                          .setSyntax("proto3")
                          .addMessageType(message("A"))
                          .addMessageType(
                              message("B")
                                  .addNestedType(mapEntry())
                                  .addNestedType(message("C"))
                                  .addNestedType(message("D"))
                                  .addField(
                                      field("tags", 2)
                                          .setLabel(FieldDescriptorProto.Label.LABEL_REPEATED)
                                          .setType(FieldDescriptorProto.Type.TYPE_MESSAGE)
                                          .setTypeName(".shop.B.TagsEntry"))))
                  .build()
                  .toByteArray());

  private static FieldDescriptorProto.Builder field(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setLabel(FieldDescriptorProto.Label.LABEL_OPTIONAL)
        .setType(FieldDescriptorProto.Type.TYPE_STRING);
  }

  private static DescriptorProto.Builder message(String name) {
    return DescriptorProto.newBuilder().setName(name).addField(field("event_id", 1));
  }

  private static DescriptorProto.Builder mapEntry() {
    return DescriptorProto.newBuilder()
        .setName("TagsEntry")
        .setOptions(MessageOptions.newBuilder().setMapEntry(true))
        .addField(field("key", 1))
        .addField(field("value", 2));
  }

  private static EventDecoder decoder(String message, Framing framing) {
    return new ProtobufEventDecoder(
        EventMapping.DEFAULT,
        new EventFormat.Protobuf(DESCRIPTORS, message, RegistrySettings.of(framing, null)),
        FeaturesConfig.defaults(Events.model(0, false, 100, "C1")),
        Events.model(0, false, 100, "C1"));
  }

  private static byte[] framed(Framing framing, int... afterTheId) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    event.writeBytes(new byte[framing.length()]);
    IntStream.of(afterTheId).forEach(event::write);
    event.writeBytes(MESSAGE);
    return event.toByteArray();
  }

  private static int[] bytes(String text) {
    return Stream.of(text.split(" ")).mapToInt(Integer::parseInt).toArray();
  }

  /** The indexes and their number are zigzag: 2 is 1, 4 is 2. */
  @ParameterizedTest
  @CsvSource({
    "shop.A,   0",
    "shop.A,   2 0",
    "shop.B,   2 2",
    "shop.B.C, 4 2 0",
    "shop.B.D, 4 2 2",
  })
  void confluentsIndexesOfTheMessageArePassedOver(String message, String indexes) {
    Twin event =
        Twin.of(decoder(message, Framing.CONFLUENT), framed(Framing.CONFLUENT, bytes(indexes)));
    assertThat(event.outside()).startsWith("e");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop.A   | 2 2     | [0] (shop.A), got another message's: [1]",
        "shop.A   | 4 0 0   | [0] (shop.A), got another message's: [0, 0]",
        "shop.B   | 0       | [1] (shop.B), got another message's: [0]",
        "shop.B.C | 4 2 2   | [1, 0] (shop.B.C), got another message's: [1, 1]",
        "shop.B.C | 2 2     | [1, 0] (shop.B.C), got another message's: [1]",
        "shop.B.C | 18 1 1 1 1 1 1 1 1 1 | [-1, -1, -1, -1, -1, -1, -1, -1, …]",
      })
  void confluentsIndexesOfAnotherMessageAreADeadLetter(
      String message, String indexes, String detail) {
    assertRefused(message, Framing.CONFLUENT, detail, bytes(indexes));
  }

  private static void assertRefused(
      String message, Framing framing, String detail, int... afterTheId) {
    EventDecoder decoder = decoder(message, framing);
    byte[] event = framed(framing, afterTheId);
    assertThat(Twin.of(decoder, event).reason()).isEqualTo(DeadLetterReason.MALFORMED);
    assertThatThrownBy(() -> decoder.decode(event, decoder.newBatch(), new DecodedEvent()))
        .hasMessageContaining(detail);
  }

  @ParameterizedTest
  @EnumSource(names = {"APICURIO", "APICURIO_V2"})
  void apicuriosNameOfTheMessageIsPassedOver(Framing framing) {
    for (int[] reference :
        List.of(
            new int[] {3, 10, 1, 'C'},
            new int[] {5, 16, 7, 10, 1, 'C'}, // with a field that a later Ref may have
            new int[] {10, 10, 8, 's', 'h', 'o', 'p', '.', 'B', '.', 'C'})) {
      assertThat(Twin.of(decoder("shop.B.C", framing), framed(framing, reference)).outside())
          .startsWith("e");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"APICURIO", "APICURIO_V2"})
  void apicuriosNameOfAnotherMessageIsADeadLetter(Framing framing) {
    assertRefused("shop.A", framing, "A (shop.A), got another message's: B", 3, 10, 1, 'B');
    assertRefused("shop.A", framing, "got another message's: A?", 4, 10, 2, 'A', '\n');
    assertRefused("shop.A", framing, "A (shop.A), got another message's: ", 0);
  }

  @Test
  void aFrameThatIsCutIsMalformed() {
    for (Framing framing : List.of(Framing.CONFLUENT, Framing.APICURIO, Framing.APICURIO_V2)) {
      for (byte[] event :
          List.of(
              new byte[] {0, 0, 0}, new byte[framing.length()], cut(framing), signed(framing))) {
        assertThat(Twin.of(decoder("shop.A", framing), event).reason())
            .isEqualTo(DeadLetterReason.MALFORMED);
      }
    }
  }

  private static byte[] cut(Framing framing) {
    byte[] event = new byte[framing.length() + 2];
    event[framing.length()] = 127;
    return event;
  }

  private static byte[] signed(Framing framing) {
    byte[] event = framed(framing, 0);
    event[0] = 1;
    return event;
  }
}
