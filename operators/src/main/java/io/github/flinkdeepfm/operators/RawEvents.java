package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.serving.ServingModel;
import org.apache.flink.util.OutputTag;

/** Records of an event topic: bytes, decoded by the {@link EventDecoder} of their format. */
final class RawEvents implements EventKind<RawEvent, ScoredEvent, DeadLetter> {
  private static final long serialVersionUID = 1L;

  static final RawEvents KIND = new RawEvents();

  private static final EventHeader[] NO_HEADERS = {};

  /** On the heap beside an event's value. */
  private static final int EVENT_OVERHEAD = 100;

  private RawEvents() {}

  @Override
  public BatchEncoder<RawEvent> newEncoder(ServingModel model, ScoringSettings settings) {
    return encoder(model.newDecoder(settings.mapping()), settings.outputLimit());
  }

  static BatchEncoder<RawEvent> encoder(EventDecoder decoder, int outputLimit) {
    return new Encoder(decoder, outputLimit);
  }

  @Override
  public String place(RawEvent event) {
    SourceCoordinates source = event.source();
    return "event of %s, partition %d, offset %d"
        .formatted(source.topic(), source.partition(), source.offset());
  }

  @Override
  public RawEvent sample(RawEvent event) {
    return new RawEvent(event.source(), event.timestamp(), null, event.value(), NO_HEADERS);
  }

  @Override
  public int sampleBytes(RawEvent event) {
    return EVENT_OVERHEAD + event.value().length;
  }

  @Override
  public long producedAt(MicroBatch<RawEvent> batch, int row) {
    return batch.event(row).timestamp();
  }

  /** The event carries its time itself. */
  @Override
  public long timestamp(MicroBatch<RawEvent> batch, int row) {
    return MicroBatcher.NO_TIMESTAMP;
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
    return new ScoredEvent(
        batch.event(row),
        batch.eventIds[row],
        batch.timestamps[row],
        logit,
        score,
        model.version(),
        model.numerics(),
        scoredAt,
        batch.labels[row],
        batch.copied[row],
        timing,
        shadow);
  }

  @Override
  public DeadLetter deadLetter(Rejected<RawEvent> rejected) {
    return new DeadLetter(
        rejected.value(), rejected.reason(), rejected.detail(), rejected.rejectedAt());
  }

  @Override
  public OutputTag<DeadLetter> deadLetters() {
    return ScoringPipeline.DEAD_LETTERS;
  }

  private static final class Encoder implements BatchEncoder<RawEvent> {
    private final EventDecoder decoder;
    private final int outputLimit;
    private final DecodedEvent decoded = new DecodedEvent();

    Encoder(EventDecoder decoder, int outputLimit) {
      this.decoder = decoder;
      this.outputLimit = outputLimit;
    }

    @Override
    public FeatureBatch newColumns() {
      return decoder.newBatch();
    }

    @Override
    public void encode(RawEvent event, long timestamp, long now, MicroBatch<RawEvent> batch)
        throws RejectedEventException {
      decoder.decode(event.value(), batch.features, decoded);
      long size = outputSize(event);
      if (size > outputLimit) {
        batch.features.removeLastRow();
        throw new RejectedEventException(
            DeadLetterReason.OUTPUT_TOO_LARGE,
            "expected at most %d bytes of key, headers, id, label and copied fields, got %d"
                .formatted(outputLimit, size));
      }
      MicroBatch.describeRow(batch, event, decoded, now);
    }

    @Override
    public int cutBags() {
      return decoded.cutBags;
    }

    @Override
    public int unknownFields() {
      return decoded.unknownFields;
    }

    private long outputSize(RawEvent event) {
      long size = event.outputBytes() + length(decoded.label);
      for (byte[] field : decoded.copied) {
        size += length(field);
      }
      return size;
    }

    private static int length(byte[] bytes) {
      return bytes == null ? 0 : bytes.length;
    }
  }
}
