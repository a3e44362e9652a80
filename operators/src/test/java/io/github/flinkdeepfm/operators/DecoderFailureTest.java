package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.EventMapping;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.GuardedDecoder;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a task does about an event at which the decoder fails. */
class DecoderFailureTest {
  private static final byte FAILS = 'x';
  private static final byte BREAKS = 'y';

  @TempDir Path root;
  private ScoringSettings settings;

  @BeforeEach
  void writeModel() throws Exception {
    settings =
        new ScoringSettings(
            root.toString(),
            TestModel.write(root, "v1", 1).toString(),
            "v1",
            false,
            EventMapping.DEFAULT,
            3,
            1000,
            50,
            ScoringSettings.DEFAULT_OUTPUT_LIMIT,
            null);
  }

  /** The real decoder, but at events that begin with one of two letters. */
  private record Failing(EventDecoder decoder) implements EventDecoder {
    @Override
    public FeatureBatch newBatch() {
      return decoder.newBatch();
    }

    @Override
    public void decode(byte[] value, FeatureBatch batch, DecodedEvent out)
        throws RejectedEventException {
      if (value[0] == FAILS) {
        batch.beginRow();
        batch.addId(0, 9);
        throw new ArrayIndexOutOfBoundsException("Index 7 out of bounds for length 1");
      }
      if (value[0] == BREAKS) {
        throw new NoClassDefFoundError("com/fasterxml/jackson/core/FastDoubleSwar");
      }
      decoder.decode(value, batch, out);
    }
  }

  /** As {@link RawEvents}, with such a decoder. */
  private static final class FailingEvents implements EventKind<RawEvent, ScoredEvent, DeadLetter> {
    private static final long serialVersionUID = 1L;

    @Override
    public BatchEncoder<RawEvent> newEncoder(ServingModel model, ScoringSettings settings) {
      return RawEvents.encoder(
          new GuardedDecoder(() -> new Failing(model.newDecoder(settings.mapping()))),
          settings.outputLimit());
    }

    @Override
    public String place(RawEvent event) {
      return RawEvents.KIND.place(event);
    }

    @Override
    public RawEvent sample(RawEvent event) {
      return RawEvents.KIND.sample(event);
    }

    @Override
    public int sampleBytes(RawEvent event) {
      return RawEvents.KIND.sampleBytes(event);
    }

    @Override
    public long producedAt(MicroBatch<RawEvent> batch, int row) {
      return RawEvents.KIND.producedAt(batch, row);
    }

    @Override
    public long timestamp(MicroBatch<RawEvent> batch, int row) {
      return RawEvents.KIND.timestamp(batch, row);
    }

    @Override
    public ScoredEvent scored(
        MicroBatch<RawEvent> batch,
        int row,
        float logit,
        float score,
        ServingModel model,
        long scoredAt,
        ScoredEvent.Timing timing,
        ScoredEvent.Shadow shadow) {
      return RawEvents.KIND.scored(batch, row, logit, score, model, scoredAt, timing, shadow);
    }

    @Override
    public DeadLetter deadLetter(Rejected<RawEvent> rejected) {
      return RawEvents.KIND.deadLetter(rejected);
    }

    @Override
    public OutputTag<DeadLetter> deadLetters() {
      return RawEvents.KIND.deadLetters();
    }
  }

  private OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness()
      throws Exception {
    OneInputStreamOperatorTestHarness<RawEvent, MicroBatch<RawEvent>> harness =
        new OneInputStreamOperatorTestHarness<>(
            new MicroBatchOperatorFactory<>(new FailingEvents(), settings));
    harness.setup(new BatchSnapshots());
    return harness;
  }

  @Test
  void theEventIsADeadLetterAndTheTaskGoesOn() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      harness.processElement(TestModel.event(1, "x"), 0);
      harness.processElement(TestModel.event(2), 0);
      assertThat(BatchSnapshots.describe(harness.getOutput().remove()))
          .isEqualTo("0 2 rejected 1:DECODER_FAILED");
    }
  }

  @Test
  void aBrokenInstallationIsFoundBehindOtherFailures() {
    Error missing = new NoClassDefFoundError("x/Y");
    assertThatThrownBy(
            () ->
                BrokenInstallationException.throwIfCauseOf(
                    "start of the job", new ExecutionException(new Exception(missing))))
        .isInstanceOf(BrokenInstallationException.class)
        .hasMessageStartingWith("start of the job: expected an installation that is whole")
        .hasCause(missing);
    Error again = new NoClassDefFoundError("Could not initialize class x.Y");
    var unused =
        again.initCause(
            new ExceptionInInitializerError(
                "Exception java.lang.StackOverflowError [in thread \"main\"]"));
    for (Error other :
        List.of(
            new InternalError("a fault occurred in an unsafe memory access operation"),
            new ExceptionInInitializerError(new OutOfMemoryError("Java heap space")),
            again)) {
      BrokenInstallationException.throwIfCauseOf("start of the job", new Exception(other));
    }
  }

  @Test
  void aBrokenInstallationFailsTheJobOnceNamingTheEventAndTheCure() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(TestModel.event(0), 0);
      assertThatThrownBy(() -> harness.processElement(TestModel.event(17, "y"), 0))
          .isInstanceOf(BrokenInstallationException.class)
          .hasMessageContaining("event of events, partition 0, offset 17: expected")
          .hasMessageContaining("got java.lang.NoClassDefFoundError: com/fasterxml/jackson/core/")
          .hasMessageContaining("put back the jars")
          .satisfies(
              e ->
                  assertThat(
                          ThrowableClassifier.findThrowableOfThrowableType(
                              new Exception(e), ThrowableType.NonRecoverableError))
                      .as("Flink does not restart the job")
                      .isPresent());
    }
  }

  @Test
  void theLogGetsALineAMinuteWithACount() {
    AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);
    DecoderFailures failures = new DecoderFailures(nanos::get);
    assertThat(failures.line("event 1", "why")).hasValue("event 1: DECODER_FAILED: why");
    for (int i = 2; i < 1000; i++) {
      nanos.addAndGet(60_000_000);
      assertThat(failures.line("event " + i, "why")).isEmpty();
    }
    nanos.addAndGet(120_000_000);
    assertThat(failures.line("event 1000", "why"))
        .hasValue("event 1000: DECODER_FAILED: why (and 998 more since the last such line)");
    nanos.addAndGet(60_000_000_000L);
    assertThat(failures.line("event 1001", "why")).hasValue("event 1001: DECODER_FAILED: why");
  }
}
