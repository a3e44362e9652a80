package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.nio.file.Path;
import java.util.ServiceConfigurationError;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Scores each micro-batch with the model version that it carries, and sends every event on: as a
 * score, or to the side output as a dead letter. Holds its own claim on the model while it scores
 * with it.
 */
class ScoringOperator<E, S, D> extends AbstractStreamOperator<S>
    implements OneInputStreamOperator<MicroBatch<E>, S> {
  private static final long serialVersionUID = 1L;

  private final EventKind<E, S, D> kind;
  private final ScoringSettings shadowSettings;

  private transient ModelStore.Lease lease;
  private transient DeepFmScorer scorer;
  private transient ShadowScorer<E> shadow;
  private transient float[] logits;
  private transient ScoreMetrics metrics;
  private transient StreamRecord<S> scores;
  private transient StreamRecord<D> deadLetters;

  ScoringOperator(
      StreamOperatorParameters<S> parameters,
      EventKind<E, S, D> kind,
      ScoringSettings shadowSettings) {
    super(parameters);
    this.kind = kind;
    this.shadowSettings = shadowSettings;
  }

  @Override
  public void open() throws Exception {
    super.open();
    logits = new float[0];
    metrics = new ScoreMetrics(getMetricGroup());
    if (shadowSettings != null) {
      shadow = openShadow();
    }
    scores = new StreamRecord<>(null);
    deadLetters = new StreamRecord<>(null);
  }

  private ShadowScorer<E> openShadow() throws Exception {
    getRuntimeContext()
        .registerUserCodeClassLoaderReleaseHookIfAbsent("models", ModelStore.SHARED::clean);
    return ShadowScorer.open(
        kind,
        shadowSettings,
        Path.of(getContainingTask().getEnvironment().getTaskManagerInfo().getTmpDirectories()[0]),
        SlotDevice.find(shadowSettings.device(), getRuntimeContext()));
  }

  @Override
  public void processElement(StreamRecord<MicroBatch<E>> element) {
    MicroBatch<E> batch = element.getValue();
    try {
      process(batch);
    } catch (LinkageError | ServiceConfigurationError e) {
      if (BrokenInstallationException.isMeantBy(e)) {
        throw BrokenInstallationException.of(place(batch), e);
      }
      throw e;
    }
  }

  /** The events of a batch, by the first. */
  private String place(MicroBatch<E> batch) {
    E first = batch.rows() > 0 ? batch.event(0) : batch.rejected.get(0).value();
    return "micro-batch of " + batch.size() + " from " + kind.place(first);
  }

  /** Sinks are chained: what they throw comes from here, too. */
  private void process(MicroBatch<E> batch) {
    useModel(batch.model);
    if (batch.size() == 0) {
      return; // It only says which version comes next.
    }
    if (logits.length < batch.rows()) {
      logits = new float[Math.max(batch.rows(), logits.length * 2)];
    }
    long startedAt = processingTimeService.getCurrentProcessingTime();
    long start = System.nanoTime();
    if (batch.rows() > 0) {
      scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), logits);
    }
    long nanos = System.nanoTime() - start;
    metrics.batch(nanos);
    float[] shadowLogits = shadow == null ? null : scoreShadow(batch);
    long now = processingTimeService.getCurrentProcessingTime();
    for (int row = 0; row < batch.rows(); row++) {
      emit(batch, row, now, timing(batch, row, startedAt, nanos), shadowLogits);
    }
    for (Rejected<E> rejected : batch.rejected) {
      emit(rejected);
    }
  }

  private float[] scoreShadow(MicroBatch<E> batch) {
    long start = System.nanoTime();
    float[] shadowLogits = shadow.score(batch);
    metrics.shadow(System.nanoTime() - start);
    return shadowLogits;
  }

  private ScoredEvent.Timing timing(MicroBatch<E> batch, int row, long startedAt, long nanos) {
    long timestamp = kind.producedAt(batch, row);
    long readAt = batch.readAt[row];
    return new ScoredEvent.Timing(
        timestamp == RawEvent.NO_TIMESTAMP ? -1 : Math.max(0, readAt - timestamp),
        Math.max(0, startedAt - readAt),
        nanos / 1000 / 1000f);
  }

  private void emit(
      MicroBatch<E> batch, int row, long now, ScoredEvent.Timing timing, float[] shadowLogits) {
    float logit = logits[row];
    if (!Float.isFinite(logit)) {
      emit(
          new Rejected<>(
              batch.event(row),
              DeadLetterReason.LOGIT_NOT_FINITE,
              "expected a finite logit of model " + lease.model().version() + ", got " + logit,
              now));
      return;
    }
    metrics.score(now, kind.producedAt(batch, row));
    scores.replace(
        kind.scored(
            batch,
            row,
            logit,
            DeepFmScorer.sigmoid(logit),
            lease.model(),
            now,
            timing,
            shadowLogits == null ? null : shadow(shadowLogits[row])));
    long timestamp = kind.timestamp(batch, row);
    if (timestamp == MicroBatcher.NO_TIMESTAMP) {
      scores.eraseTimestamp();
    } else {
      scores.setTimestamp(timestamp);
    }
    output.collect(scores);
  }

  private ScoredEvent.Shadow shadow(float logit) {
    return new ScoredEvent.Shadow(shadow.version(), logit, DeepFmScorer.sigmoid(logit));
  }

  private void emit(Rejected<E> letter) {
    metrics.deadLetter(letter.reason());
    output.collect(kind.deadLetters(), deadLetters.replace(kind.deadLetter(letter)));
  }

  /** What scores with a model; comparisons put another implementation in its place. */
  DeepFmScorer scorerOf(ModelStore.Lease carried) {
    return carried.takeScorer();
  }

  private void useModel(ModelStore.Lease carried) {
    if (lease != null && lease.model() == carried.model()) {
      return;
    }
    if (lease != null) {
      lease.keepScorer(scorer);
      lease.closeLater();
    }
    lease = carried.share();
    scorer = scorerOf(carried);
  }

  @Override
  public void close() throws Exception {
    if (lease != null) {
      lease.keepScorer(scorer);
      lease.close();
      lease = null;
    }
    if (shadow != null) {
      shadow.close();
      shadow = null;
    }
    super.close();
  }
}
