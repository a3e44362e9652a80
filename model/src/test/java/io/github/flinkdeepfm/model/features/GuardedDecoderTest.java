package io.github.flinkdeepfm.model.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.registry.RegistryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an event at which a decoder fails, and of those around it. */
class GuardedDecoderTest {
  private static final int EVENTS = 40;

  @TempDir Path dir;
  private ModelConfig model;
  private FeaturesConfig features;
  private int decoders;
  private final DecodedEvent out = new DecodedEvent();

  /** What a decoder may throw in the middle of a row. */
  private interface Failure {
    void now();
  }

  @BeforeEach
  void setUp() {
    model = Events.model(2, true, 100, "f", "g");
    features =
        Events.features(
            dir,
            model,
            """
            {"dense":[{"name":"a"},{"name":"b","default":2}],
             "sparse":[{"name":"f"},{"name":"g"}]}
            """);
  }

  private static byte[] event(int i) {
    return Events.utf8(
        "{\"event_id\":\"e%d\",\"dense\":{\"a\":%s},\"sparse\":{\"f\":[%d,3],\"g\":[%d]}}"
            .formatted(i, i * 0.37, i, 2 * i));
  }

  /**
   * Fails in the middle of a row, or behind its end, at the values that begin with what is given.
   */
  private final class Failing implements EventDecoder {
    private final JsonEventDecoder decoder =
        new JsonEventDecoder(EventMapping.DEFAULT, features, model);
    private final Failure failure;
    private final boolean eachTime;
    private boolean broken;

    Failing(Failure failure, boolean eachTime) {
      this.failure = failure;
      this.eachTime = eachTime;
      decoders++;
    }

    @Override
    public FeatureBatch newBatch() {
      return decoder.newBatch();
    }

    @Override
    public void decode(byte[] value, FeatureBatch batch, DecodedEvent out)
        throws RejectedEventException {
      assertThat(broken).as("a decoder that has failed is not asked again").isFalse();
      if (value[0] == ' ' && (eachTime || decoders == 1)) {
        broken = true;
        if (value[1] == ' ') {
          decoder.decode(value, batch, out);
        } else {
          batch.beginRow();
          batch.setDense(0, Float.NaN);
          batch.addId(0, 99, 9f);
          batch.addId(1, 99, 9f);
        }
        failure.now();
      }
      decoder.decode(value, batch, out);
    }
  }

  private GuardedDecoder guarded(Failure failure, boolean eachTime) {
    return new GuardedDecoder(() -> new Failing(failure, eachTime));
  }

  private static byte[] bad(String start) {
    return Events.utf8(start + new String(event(1), UTF_8));
  }

  private static int overflow(int depth) {
    return depth == -1 ? 0 : 1 + overflow(depth + 1);
  }

  /** Larger than any array: an error of this JVM, not of a test. */
  private static void askForTooMuch() {
    byte[] unused = new byte[Integer.MAX_VALUE];
    assertThat(unused).isNull();
  }

  @Test
  void theEventAloneIsADeadLetterAndItsNeighboursKeepEveryBit() throws Exception {
    for (String start : List.of(" ", "  ")) {
      for (Failure failure :
          List.<Failure>of(
              () -> Arrays.asList(1).get(7),
              () -> overflow(0),
              GuardedDecoderTest::askForTooMuch,
              () -> {
                throw new AssertionError("a\nlong one " + "x".repeat(1000));
              })) {
        GuardedDecoder decoder = guarded(failure, true);
        JsonEventDecoder plain = new JsonEventDecoder(EventMapping.DEFAULT, features, model);
        FeatureBatch batch = decoder.newBatch();
        FeatureBatch expected = plain.newBatch();
        for (int i = 0; i < EVENTS; i++) {
          decoder.decode(event(i), batch, out);
          plain.decode(event(i), expected, new DecodedEvent());
          if (i % 3 == 0) {
            assertThatThrownBy(() -> decoder.decode(bad(start), batch, out))
                .isInstanceOfSatisfying(
                    RejectedEventException.class,
                    e -> {
                      assertThat(e.reason()).isEqualTo(DeadLetterReason.DECODER_FAILED);
                      assertThat(e.detail())
                          .startsWith("expected an event that the decoder takes or rejects, got ")
                          .contains(e.getCause().getClass().getName(), place(e.getCause()))
                          .hasSizeLessThan(300)
                          .doesNotContain("\n");
                    });
          }
        }
        assertSame(batch, expected);
      }
    }
  }

  /** The JVM has few errors with a stack trace ready for when memory is short. */
  private static String place(Throwable failure) {
    return failure.getStackTrace().length == 0 ? "" : "GuardedDecoderTest.java:";
  }

  private static void assertSame(FeatureBatch batch, FeatureBatch expected) {
    assertThat(batch.rows()).isEqualTo(expected.rows());
    assertThat(batch.totalIds()).isEqualTo(expected.totalIds());
    int dense = batch.rows() * batch.numDense();
    assertThat(Arrays.copyOf(batch.dense(), dense))
        .isEqualTo(Arrays.copyOf(expected.dense(), dense));
    for (int row = 0; row < batch.rows(); row++) {
      assertThat(Events.bags(batch, row)).isEqualTo(Events.bags(expected, row));
      assertThat(Events.weights(batch, row)).isEqualTo(Events.weights(expected, row));
    }
  }

  @Test
  void anEventThatANewDecoderTakesIsNoDeadLetter() throws Exception {
    GuardedDecoder decoder = guarded(() -> Arrays.asList(1).get(7), false);
    FeatureBatch batch = decoder.newBatch();
    decoder.decode(event(1), batch, out);
    decoder.decode(bad("  "), batch, out);
    assertThat(batch.rows()).isEqualTo(2);
    assertThat(Events.bags(batch, 1)).isEqualTo(Events.bags(batch, 0));
  }

  @Test
  void whatIsNoEventsFaultIsThrownAsItCame() {
    Error missing = new NoClassDefFoundError("x/Y");
    for (Throwable thrown :
        List.of(
            missing,
            new ExceptionInInitializerError("static"),
            new InternalError("a fault occurred in an unsafe memory access operation"),
            new OutOfMemoryError("Metaspace"),
            new OutOfMemoryError("unable to create native thread"),
            new RegistryException("schema registry: no answer", null))) {
      assertThatThrownBy(() -> decodeAt(thrown)).isSameAs(thrown);
    }
    assertThatThrownBy(() -> decodeAt(new IllegalStateException(new Exception(missing))))
        .as("what an exception hides")
        .isSameAs(missing);
  }

  @Test
  void anInterruptIsNoEventsFault() {
    Thread.currentThread().interrupt();
    try {
      Throwable thrown = new IllegalStateException("closed");
      assertThatThrownBy(() -> decodeAt(thrown)).isSameAs(thrown);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private void decodeAt(Throwable thrown) throws RejectedEventException {
    GuardedDecoder decoder = guarded(() -> GuardedDecoderTest.sneak(thrown), true);
    decoder.decode(bad(" "), decoder.newBatch(), out);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** So full that an ordinary event finds no room: whoever filled it, it was not the event. */
  @Test
  void wantOfMemoryThatOthersMadeIsNoEventsFault() {
    for (boolean room : new boolean[] {true, false}) {
      GuardedDecoder decoder =
          new GuardedDecoder(
              () -> new Failing(GuardedDecoderTest::askForTooMuch, true), () -> room);
      assertThatThrownBy(() -> decoder.decode(bad(" "), decoder.newBatch(), out))
          .isInstanceOf(room ? RejectedEventException.class : OutOfMemoryError.class);
    }
  }
}
