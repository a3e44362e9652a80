package io.github.flinkdeepfm.model.training;

import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.DecodedEvent;
import io.github.flinkdeepfm.model.features.EventDecoder;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.RejectedEventException;
import io.github.flinkdeepfm.model.metrics.ProgressiveMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/**
 * Learns from a stream of events, each once and in order, and keeps how well every one was
 * predicted before it was learnt from.
 *
 * <pre>
 *   JSON bytes ─ decode ─▶ batch ─ step? ─▶ {@link DeepFmTrainer#step} ─▶ logits ─▶ metrics
 *                   │                                                └─ due? ─▶ {@link VersionListener}
 *                   └▶ rejected, or without a label: counted, not learnt from
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class EventTrainer {
  private static final float NO_LABEL = -1;

  private final EventDecoder decoder;
  private final DeepFmTrainer trainer;
  private final TrainingSchedule schedule;
  private final VersionListener listener;

  private final FeatureBatch batch;
  private final float[] labels;
  private final DecodedEvent event = new DecodedEvent();
  private final Map<DeadLetterReason, Long> rejected = new EnumMap<>(DeadLetterReason.class);
  private final ProgressiveMetrics metrics = new ProgressiveMetrics();
  private ProgressiveMetrics recent = new ProgressiveMetrics();

  private int step;
  private long learnt;
  private long unlabelled;
  private long badLabels;

  /**
   * A trainer that has seen no event.
   *
   * @param decoder whose mapping names the label
   * @param trainer of a batch size not below the schedule's; it stays the caller's
   */
  public EventTrainer(
      EventDecoder decoder,
      DeepFmTrainer trainer,
      TrainingSchedule schedule,
      VersionListener listener) {
    if (trainer.batchSize() < schedule.batchSize()) {
      throw new IllegalArgumentException(
          "expected a trainer for batches of "
              + schedule.batchSize()
              + ", got "
              + trainer.batchSize());
    }
    this.decoder = decoder;
    this.trainer = trainer;
    this.schedule = schedule;
    this.listener = listener;
    this.batch = decoder.newBatch();
    this.labels = new float[schedule.batchSize()];
    this.step = schedule.nextStep(0);
  }

  /**
   * Takes one event; those with a label are learnt from in the schedule's steps.
   *
   * @param json the event's bytes; not kept
   * @throws TrainingDivergedException if a value became NaN or infinite: no more can be learnt
   * @throws IOException if the listener could not publish
   */
  public void accept(byte[] json) throws IOException, InterruptedException {
    try {
      decoder.decode(json, batch, event);
    } catch (RejectedEventException e) {
      rejected.merge(e.reason(), 1L, Long::sum);
      return;
    }
    float label = label(event.label);
    if (label == NO_LABEL) {
      batch.removeLastRow();
      return;
    }
    labels[batch.rows() - 1] = label;
    if (batch.rows() == step) {
      learn();
    }
  }

  /** Learns from the events of the batch that is not full. At the end of the stream. */
  public void finish() throws IOException, InterruptedException {
    if (batch.rows() > 0) {
      learn();
    }
  }

  private float label(byte[] text) {
    if (text == null) {
      unlabelled++;
      return NO_LABEL;
    }
    if (text.length == 1 && (text[0] == '0' || text[0] == '1')) {
      return text[0] - '0';
    }
    float label = rareLabel(text);
    if (label == NO_LABEL) {
      badLabels++;
    }
    return label;
  }

  /** Other spellings of the two numbers: 1.0, 0e0 …. */
  private static float rareLabel(byte[] json) {
    char first = (char) json[0];
    if (first != '-' && (first < '0' || first > '9')) {
      return NO_LABEL;
    }
    double value = Double.parseDouble(new String(json, StandardCharsets.US_ASCII));
    return value == 0 || value == 1 ? (float) value : NO_LABEL;
  }

  private void learn() throws IOException, InterruptedException {
    int rows = batch.rows();
    float[] logits = trainer.step(batch.dense(), batch.toKeyedJaggedTensor(), labels);
    for (int row = 0; row < rows; row++) {
      metrics.add(logits[row], labels[row] == 1);
      recent.add(logits[row], labels[row] == 1);
    }
    batch.clear();
    learnt += rows;
    step = schedule.nextStep(learnt);
    publishIfDue();
  }

  private void publishIfDue() throws IOException, InterruptedException {
    if (TrainingSchedule.isDue(schedule.fullEvery(), learnt)) {
      listener.onDue(VersionListener.Due.FULL);
    } else if (TrainingSchedule.isDue(schedule.deltaEvery(), learnt)) {
      listener.onDue(VersionListener.Due.DELTA);
    }
  }

  /** Events that were learnt from; those of the batch that is not full are still missing. */
  public long learnt() {
    return learnt;
  }

  /** Events without a label. */
  public long unlabelled() {
    return unlabelled;
  }

  /** Events whose label is not 0 or 1. */
  public long badLabels() {
    return badLabels;
  }

  /** Events that would be dead letters, by reason. */
  public Map<DeadLetterReason, Long> rejected() {
    return Map.copyOf(rejected);
  }

  /** Of all events, each predicted before it was learnt from. */
  public ProgressiveMetrics metrics() {
    return metrics;
  }

  /** The same of the events since the last call. */
  public ProgressiveMetrics takeRecentMetrics() {
    ProgressiveMetrics taken = recent;
    recent = new ProgressiveMetrics();
    return taken;
  }
}
