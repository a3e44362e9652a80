package io.github.flinkdeepfm.model.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.features.protobuf.ProtobufEventDecoder;
import io.github.flinkdeepfm.model.registry.RegistrySettings;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Bytes that no serializer wrote: rejected, at once, and never anything else. */
class HostileProtobufTest {
  private static final ModelConfig MODEL = Events.model(0, true, 100, "C1");

  private final EventDecoder decoder = decoder(1 << 20);

  private static EventDecoder decoder(int maxBytes) {
    return new ProtobufEventDecoder(
        new EventMapping(
            "/event_id",
            "/event_time",
            EventMapping.TimeFormat.EPOCH_MS,
            "/label",
            List.of("/sparse", "/weights/C1"),
            maxBytes,
            1 << 16),
        new EventFormat.Protobuf(
            EventSchemas.descriptors(), EventSchemas.MESSAGE, RegistrySettings.NONE),
        FeaturesConfig.defaults(MODEL),
        MODEL);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] repeat(int value, int n) {
    byte[] bytes = new byte[n];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @Test
  void takesTheLastOfASingleFieldAndOfAKey() {
    byte[] event =
        bytes(
            0x0A, 1, 'a', 0x0A, 1, 'b', // event_id
            0x2A, 9, 0x0A, 2, 'C', '1', 0x12, 3, 0x0A, 1, 5, // sparse: C1: [5]
            0x2A, 10, 0x0A, 2, 'C', '1', 0x12, 4, 0x0A, 2, 7, 8);
    Twin twin = Twin.of(decoder, event);
    assertThat(twin.outside().get(0)).isEqualTo("b");
    assertThat(twin.bags()).containsExactly(List.of(7L, 8L));
  }

  @Test
  void aFieldOfAnotherWireTypeIsAnUnknownOne() {
    Twin twin = Twin.of(decoder, bytes(0x08, 5, 0x12, 1, 7, 0x9A, 0x06, 0));
    assertThat(twin.outside().get(0)).isNull();
    assertThat(twin.outside().get(5)).isEqualTo(3);
  }

  @Test
  void rejectsLengthsTagsAndDepthsThatAreNotThere() {
    List<byte[]> hostile =
        List.of(
            bytes(0x0A),
            bytes(0x0A, 0x7F, 'a'),
            bytes(0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1),
            bytes(0x0A, 1, 0xFF),
            bytes(0x10, 0x80),
            repeat(0x80, 11),
            bytes(0x00, 1),
            bytes(0x0C),
            bytes(0x0E),
            bytes(0x0F),
            bytes(0x0B, 0x14),
            repeat(0x0B, 1 << 20),
            bytes(0x2A, 9, 0x0A, 2, 'C', '1', 0x12, 3, 0x0A, 1, 0x85),
            bytes(0x2A, 4, 0x0A, 2, 'C'),
            bytes(0x32, 10, 0x0A, 2, 'C', '1', 0x12, 4, 0x0A, 2, 0, 0));
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> {
          for (byte[] event : hostile) {
            assertThat(Twin.of(decoder, event).reason())
                .as(Arrays.toString(Arrays.copyOf(event, Math.min(40, event.length))))
                .isEqualTo(DeadLetterReason.MALFORMED);
          }
        });
  }

  @Test
  void unknownFieldsOfTenMegabytesTakeNoMoreMemoryThanTheyHaveBytes() throws Exception {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    int count = 0;
    while (fields.size() < 10 << 20) {
      for (int rest = (20 + count++) << 3; rest != 0; rest >>>= 7) {
        fields.write(rest > 0x7F ? rest & 0x7F | 0x80 : rest);
      }
      fields.write(1);
    }
    byte[] unknown = fields.toByteArray();
    byte[] copied = delimited(0x2A, concat(bytes(0x0A, 2, 'C', '1'), delimited(0x12, unknown)));
    EventDecoder large = decoder(16 << 20);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (byte[] event : List.of(unknown, copied)) {
      long before = threads.getCurrentThreadAllocatedBytes();
      Twin twin = Twin.of(large, event);
      assertThat(twin.reason()).isNull();
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100 << 20);
    }
  }

  private static byte[] delimited(int tag, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int rest = value.length;
    for (; rest > 0x7F; rest >>>= 7) {
      out.write(rest & 0x7F | 0x80);
    }
    out.write(rest);
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  @Property(tries = 20_000)
  void neverThrowsAnythingElse(@ForAll("events") byte[] event) {
    Twin.of(decoder, event);
  }

  @Provide
  Arbitrary<byte[]> events() {
    Arbitrary<byte[]> tag =
        Arbitraries.of(0x0A, 0x10, 0x18, 0x22, 0x2A, 0x32, 0x12, 0x0B, 0x0C, 0x0D, 0x09)
            .map(t -> bytes(t));
    Arbitrary<byte[]> length = Arbitraries.of(0, 1, 2, 3, 6, 9, 200).map(n -> bytes(n));
    Arbitrary<byte[]> other = Arbitraries.bytes().array(byte[].class).ofMaxSize(6);
    Arbitrary<byte[]> key = Arbitraries.just(bytes(0x0A, 2, 'C', '1'));
    return Arbitraries.oneOf(tag, tag, length, other, key)
        .list()
        .ofMinSize(1)
        .ofMaxSize(20)
        .map(
            parts -> {
              ByteArrayOutputStream out = new ByteArrayOutputStream();
              parts.forEach(out::writeBytes);
              return out.toByteArray();
            });
  }
}
