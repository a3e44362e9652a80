package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.features.RowBuilder;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.serving.ServingModel;
import java.io.Serializable;
import org.apache.flink.util.OutputTag;

/** Values of a user's type, encoded by a {@link RowEncoder} of the user's. */
final class UserEvents<T> implements EventKind<T, Scored<T>, Rejected<T>> {
  private static final long serialVersionUID = 1L;

  /** What a value may take on the heap; nobody knows. */
  private static final int VALUE_BYTES = 1 << 10;

  private final Encoders<T> encoders;
  private final OutputTag<Rejected<T>> deadLetters;

  /** Gives the encoder for a version, or throws if there is none. */
  interface Encoders<T> extends Serializable {
    RowEncoder<T> of(ServingModel model);
  }

  UserEvents(Encoders<T> encoders, OutputTag<Rejected<T>> deadLetters) {
    this.encoders = encoders;
    this.deadLetters = deadLetters;
  }

  @Override
  public BatchEncoder<T> newEncoder(ServingModel model, ScoringSettings settings) {
    return new Encoder<>(encoders.of(model), model.newRowBuilder(settings.mapping().maxIds()));
  }

  /** Values may hold what is not for the log. */
  @Override
  public String place(T event) {
    return event == null ? "null event" : "event of type " + event.getClass().getName();
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
  public Scored<T> scored(
      MicroBatch<T> batch,
      int row,
      float logit,
      float score,
      ServingModel model,
      long scoredAt,
      ScoredEvent.Timing timing,
      ScoredEvent.Shadow shadow) {
    return new Scored<>(
        batch.event(row),
        logit,
        score,
        model.version(),
        model.numerics(),
        scoredAt,
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
