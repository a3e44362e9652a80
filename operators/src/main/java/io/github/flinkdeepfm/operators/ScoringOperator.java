package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Scores each micro-batch with the model version that it carries, and sends every event on: as a
 * score, or to the side output as a dead letter. Holds its own claim on the model while it scores
 * with it.
 */
final class ScoringOperator extends AbstractStreamOperator<ScoredEvent>
    implements OneInputStreamOperator<MicroBatch, ScoredEvent> {
  private static final long serialVersionUID = 1L;

  private transient ModelStore.Lease lease;
  private transient DeepFmScorer scorer;
  private transient float[] logits;
  private transient ScoreMetrics metrics;
  private transient StreamRecord<ScoredEvent> scores;
  private transient StreamRecord<DeadLetter> deadLetters;

  ScoringOperator(StreamOperatorParameters<ScoredEvent> parameters) {
    super(parameters);
  }

  @Override
  public void open() throws Exception {
    super.open();
    logits = new float[0];
    metrics = new ScoreMetrics(getMetricGroup());
    scores = new StreamRecord<>(null);
    deadLetters = new StreamRecord<>(null);
  }

  @Override
  public void processElement(StreamRecord<MicroBatch> element) {
    MicroBatch batch = element.getValue();
    useModel(batch.model);
    if (batch.size() == 0) {
      return; // It only says which version comes next.
    }
    if (logits.length < batch.rows()) {
      logits = new float[Math.max(batch.rows(), logits.length * 2)];
    }
    long start = System.nanoTime();
    if (batch.rows() > 0) {
      scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), logits);
    }
    metrics.batch(System.nanoTime() - start);
    long now = processingTimeService.getCurrentProcessingTime();
    for (int row = 0; row < batch.rows(); row++) {
      emit(batch, row, now);
    }
    for (DeadLetter rejected : batch.rejected) {
      emit(rejected);
    }
  }

  private void emit(MicroBatch batch, int row, long now) {
    RawEvent event = batch.events[row];
    float logit = logits[row];
    if (!Float.isFinite(logit)) {
      emit(
          new DeadLetter(
              event,
              DeadLetterReason.LOGIT_NOT_FINITE,
              "expected a finite logit of model " + lease.model().version() + ", got " + logit,
              now));
      return;
    }
    metrics.score(now, event.timestamp());
    ScoredEvent scored =
        new ScoredEvent(
            event,
            batch.eventIds[row],
            batch.timestamps[row],
            logit,
            DeepFmScorer.sigmoid(logit),
            lease.model().version(),
            lease.model().numerics(),
            now,
            batch.labels[row],
            batch.copied[row]);
    output.collect(scores.replace(scored));
  }

  private void emit(DeadLetter letter) {
    metrics.deadLetter(letter.reason());
    output.collect(ScoringPipeline.DEAD_LETTERS, deadLetters.replace(letter));
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
    scorer = carried.takeScorer();
  }

  @Override
  public void close() throws Exception {
    if (lease != null) {
      lease.keepScorer(scorer);
      lease.close();
      lease = null;
    }
    super.close();
  }
}
