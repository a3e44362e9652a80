package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Scores micro-batches with a second version, whose scores go along with the first one's. Where
 * both versions encode alike, the batch's own columns are scored; else its events are encoded again
 * from their bytes.
 */
final class ShadowScorer<E> implements AutoCloseable {
  private final SlotModels<E> models;
  private final ModelStore.Lease lease;
  private final DeepFmScorer scorer;
  private final MicroBatcher<E> batcher;
  private float[] logits = new float[0];
  private float[] aligned = new float[0];

  private ShadowScorer(
      SlotModels<E> models,
      ModelStore.Lease lease,
      EventKind<E, ?, ?> kind,
      ScoringSettings settings) {
    this.models = models;
    this.lease = lease;
    this.scorer = lease.takeScorer();
    this.batcher = new MicroBatcher<>(kind, settings, lease);
  }

  /**
   * Loads the version that the settings name. Blocks.
   *
   * @param temporary where copies go if the settings name no directory
   * @param device the slot's; empty for the host
   */
  static <E> ShadowScorer<E> open(
      EventKind<E, ?, ?> kind, ScoringSettings settings, Path temporary, Optional<Device> device)
      throws Exception {
    SlotModels<E> models = new SlotModels<>(ModelStore.SHARED, kind, settings, temporary, device);
    try {
      return new ShadowScorer<>(
          models, models.open(settings.modelVersion()).lease(), kind, settings);
    } catch (Exception | Error e) {
      models.close();
      throw e;
    }
  }

  String version() {
    return lease.model().version();
  }

  /**
   * The second version's logits, one for each row of the batch; NaN for an event that it cannot
   * encode. The array is reused.
   */
  float[] score(MicroBatch<E> batch) {
    if (aligned.length < batch.rows()) {
      aligned = new float[batch.rows()];
      logits = new float[batch.rows()];
    }
    if (batch.rows() == 0) {
      return aligned;
    }
    if (batch.model.model().encodesLike(lease.model())) {
      scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), aligned);
      return aligned;
    }
    return encodeAgain(batch);
  }

  private float[] encodeAgain(MicroBatch<E> batch) {
    MicroBatch<E> own = batcher.batch();
    try {
      int[] rowOf = new int[batch.rows()];
      for (int row = 0; row < batch.rows(); row++) {
        rowOf[row] = own.rows();
        batcher.add(batch.event(row), 0);
        if (own.rows() == rowOf[row]) {
          rowOf[row] = -1;
        }
      }
      Arrays.fill(aligned, Float.NaN);
      if (own.rows() > 0) {
        scorer.score(own.features.dense(), own.features.toKeyedJaggedTensor(), logits);
        for (int row = 0; row < rowOf.length; row++) {
          aligned[row] = rowOf[row] < 0 ? Float.NaN : logits[rowOf[row]];
        }
      }
      return aligned;
    } finally {
      own.clear();
    }
  }

  @Override
  public void close() {
    scorer.close();
    lease.close();
    models.close();
  }
}
