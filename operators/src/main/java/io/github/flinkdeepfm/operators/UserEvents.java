package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.RowBuilder;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.serving.ServingModel;
import org.apache.flink.util.OutputTag;

/** Values of a user's type, encoded by the user's {@link RowEncoder}. */
final class UserEvents<T> implements EventKind<T, Scored<T>, Rejected<T>> {
  private static final long serialVersionUID = 1L;

  /** What a value may take on the heap; nobody knows. */
  private static final int VALUE_BYTES = 1 << 10;

  private final RowEncoder<T> encoder;
  private final OutputTag<Rejected<T>> deadLetters;

  UserEvents(RowEncoder<T> encoder, OutputTag<Rejected<T>> deadLetters) {
    this.encoder = encoder;
    this.deadLetters = deadLetters;
  }

  @Override
  public BatchEncoder<T> newEncoder(ServingModel model, ScoringSettings settings) {
    return new Encoder<>(encoder, model.newRowBuilder(settings.mapping().maxIds()));
  }

  @Override
  public T sample(T event) {
    return event;
  }

  @Override
  public int sampleBytes(T event) {
    return VALUE_BYTES;
  }

  @Override
  public long producedAt(MicroBatch<T> batch, int row) {
    long timestamp = batch.timestamps[row];
    return timestamp == MicroBatcher.NO_TIMESTAMP ? RawEvent.NO_TIMESTAMP : timestamp;
  }

  @Override
  public long timestamp(MicroBatch<T> batch, int row) {
    return batch.timestamps[row];
  }

  @Override
  public Scored<T> scored(MicroBatch<T> batch, int row, Outcome outcome) {
    ScoredEvent.Shadow shadow = outcome.shadow();
    return new Scored<>(
        batch.event(row),
        outcome.logit(),
        outcome.score(),
        outcome.modelVersion(),
        outcome.numerics(),
        outcome.scoredAt(),
        shadow == null ? null : shadow.modelVersion(),
        shadow == null ? Float.NaN : shadow.logit());
  }

  @Override
  public Rejected<T> deadLetter(Rejected<T> rejected) {
    return rejected;
  }

  @Override
  public OutputTag<Rejected<T>> deadLetters() {
    return deadLetters;
  }

  private static final class Encoder<T> implements BatchEncoder<T> {
    private final RowEncoder<T> encoder;
    private final RowBuilder rows;

    Encoder(RowEncoder<T> encoder, RowBuilder rows) {
      this.encoder = encoder;
      this.rows = rows;
    }

    @Override
    public FeatureBatch newColumns() {
      return rows.newBatch();
    }

    @Override
    public void encode(T event, long timestamp, long now, MicroBatch<T> batch)
        throws RejectedEventException {
      rows.write(event, encoder, batch.features);
      batch.describeRow(event, timestamp, now);
    }

    @Override
    public int cutBags() {
      return rows.cutBags();
    }

    @Override
    public int unknownFields() {
      return rows.unknownFields();
    }
  }
}
