package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Makes a version ready for one slot, beside the one that scores: loaded, passed by the canary, and
 * warm, so that its first batch is as fast as the last one before it.
 */
final class ModelPreparation<E> {
  /** More rows than any tile of the kernel. */
  private static final int WARM_UP_ROWS = 256;

  private final EventKind<E, ?, ?> kind;
  private final ScoringSettings settings;
  private final VersionLoader loader;

  ModelPreparation(EventKind<E, ?, ?> kind, ScoringSettings settings, VersionLoader loader) {
    this.kind = kind;
    this.settings = settings;
    this.loader = loader;
  }

  /**
   * Blocks until it is done.
   *
   * @param manifest SHA-256 of the manifest that is meant, in hexadecimal
   * @param active the version that scores; a claim of the caller's that outlives this call
   * @param live the latest events
   * @throws RefusedVersionException if the version must not or cannot be used
   */
  PreparedModel<E> prepare(String version, String manifest, ModelStore.Lease active, List<E> live) {
    ModelStore.Lease lease =
        loader.load(loader.find(version, manifest), Optional.of(active.model()));
    try {
      MicroBatcher<E> batcher = new MicroBatcher<>(kind, settings, lease);
      DeepFmScorer scorer = lease.takeScorer();
      lease.keepScorer(scorer);
      warmUp(batcher.batch().features, scorer);
      double[] next = scores(batcher, scorer, live);
      if (settings.refresh().canary() != null) {
        passCanary(active, next, live);
      }
      return new PreparedModel<>(lease, batcher);
    } catch (RuntimeException | Error e) { // Native memory that runs out is an Error.
      lease.close();
      throw e;
    }
  }

  /** Rows without ids, as many as make the scorer set up all of its tiles. */
  private static void warmUp(FeatureBatch batch, DeepFmScorer scorer) {
    float[] logits = new float[WARM_UP_ROWS];
    for (int rows = 1; rows <= WARM_UP_ROWS; rows *= 2) {
      while (batch.rows() < rows) {
        batch.beginRow();
        batch.commitRow();
      }
      scorer.score(batch.dense(), batch.toKeyedJaggedTensor(), logits);
    }
    batch.clear();
  }

  private void passCanary(ModelStore.Lease active, double[] next, List<E> live) {
    double[] now;
    try (DeepFmScorer scorer = active.model().newScorer()) {
      now = scores(new MicroBatcher<>(kind, settings, active), scorer, live);
    }
    // An event that the active version has no score for says nothing of the new one.
    int[] scored = IntStream.range(0, now.length).filter(i -> !Double.isNaN(now[i])).toArray();
    CanaryGate.check(settings.refresh().canary(), pick(now, scored), pick(next, scored))
        .ifPresent(
            found -> {
              throw new RefusedVersionException(RefusalReason.CANARY, found);
            });
  }

  private static double[] pick(double[] from, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> from[i]).toArray();
  }

  /** The version's score of each event, encoded by the version's own rules; NaN if it has none. */
  private double[] scores(MicroBatcher<E> batcher, DeepFmScorer scorer, List<E> events) {
    double[] scores = new double[events.size()];
    Arrays.fill(scores, Double.NaN);
    int[] eventOfRow = new int[settings.batchRows()];
    float[] logits = new float[settings.batchRows()];
    MicroBatch<E> batch = batcher.batch();
    for (int i = 0; i < scores.length; i++) {
      int rows = batch.rows();
      batcher.add(events.get(i), 0);
      if (batch.rows() > rows) {
        eventOfRow[rows] = i;
      }
      if (batch.rows() > 0 && (batcher.isFull() || i == scores.length - 1)) {
        scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), logits);
        for (int row = 0; row < batch.rows(); row++) {
          scores[eventOfRow[row]] =
              Float.isFinite(logits[row]) ? DeepFmScorer.sigmoid(logits[row]) : Double.NaN;
        }
        batch.clear();
      }
    }
    batch.clear();
    return scores;
  }
}
