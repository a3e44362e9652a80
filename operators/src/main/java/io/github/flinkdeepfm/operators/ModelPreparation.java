package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.refresh.Comparison;
import io.github.flinkdeepfm.operators.refresh.RefreshSettings;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a version ready for one slot, beside the one that scores: loaded, passed by the canary, and
 * warm, so that its first batch is as fast as the last one before it.
 */
final class ModelPreparation<E> {
  private static final Logger LOG = LoggerFactory.getLogger(ModelPreparation.class);

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
   * @param trial what it is tried with
   * @throws RefusedVersionException if the version must not or cannot be used
   */
  PreparedModel<E> prepare(
      String version, String manifest, ModelStore.Lease active, Trial<E> trial) {
    ModelStore.Lease lease =
        loader.load(loader.find(version, manifest), Optional.of(active.model()));
    try {
      MicroBatcher<E> batcher = new MicroBatcher<>(kind, settings, lease);
      DeepFmScorer scorer = lease.takeScorer();
      lease.keepScorer(scorer);
      warmUp(batcher.batch().features, scorer);
      Sample next = sample(batcher, scorer, trial.live());
      return new PreparedModel<>(lease, batcher, judge(active, lease.model(), next, trial));
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

  /** Looks at live events as the version and the active one encode and score them. */
  private Comparison judge(
      ModelStore.Lease active, ServingModel model, Sample next, Trial<E> trial) {
    RefreshSettings.Canary canary = settings.refresh().canary();
    boolean compares = canary != null && trial.isEnough();
    boolean encodesAlike = model.encodesLike(active.model());
    if (trial.live().isEmpty() || (!compares && encodesAlike)) {
      return Comparison.NONE;
    }
    Sample now;
    try (DeepFmScorer scorer = compares ? active.model().newScorer() : null) {
      now = sample(new MicroBatcher<>(kind, settings, active), scorer, trial.live());
    }
    if (!encodesAlike) {
      absence(active.model(), now, model, next)
          .ifPresent(found -> refuse(RefusalReason.FEATURES_ABSENT, found, model, trial));
    }
    if (!compares) {
      return Comparison.NONE;
    }
    // An event that the active version has no score for says nothing of the new one.
    int[] scored =
        IntStream.range(0, now.scores.length).filter(i -> !Double.isNaN(now.scores[i])).toArray();
    Comparison found = CanaryGate.compare(pick(now.scores, scored), pick(next.scores, scored));
    CanaryGate.fault(canary, found)
        .ifPresent(fault -> refuse(RefusalReason.CANARY, fault, model, trial));
    return found;
  }

  private void refuse(RefusalReason reason, String found, ServingModel model, Trial<E> trial) {
    if (!trial.ordered()) {
      throw new RefusedVersionException(reason, found);
    }
    LOG.warn("model {} is taken all the same, for it is pinned: {}", model.version(), found);
  }

  /** Features that the active version finds in some of the events, and the new one in none. */
  private Optional<String> absence(
      ServingModel active, Sample now, ServingModel model, Sample next) {
    if (now.rows == 0) {
      return Optional.empty();
    }
    if (next.rows == 0) {
      return Optional.of(
          "expected scores of %d live events, got none: all would be dead letters, the first %s"
              .formatted(now.rows, next.firstRejection));
    }
    Set<String> before = now.present(AbsentFeatures.names(active.features()));
    List<String> names = AbsentFeatures.names(model.features());
    Set<String> after = next.present(names);
    List<String> gone =
        names.stream()
            .filter(name -> before.contains(name) && !after.contains(name))
            .filter(name -> !settings.allowAbsent().contains(name))
            .toList();
    return gone.isEmpty()
        ? Optional.empty()
        : Optional.of(
            ("expected values of %s in some of %d live events, as for the active version, got none:"
                    + " is their \"source\" in features.json where events have them?"
                    + " model.allow_absent names features that may be absent")
                .formatted(AbsentFeatures.list(gone), next.rows));
  }

  private static double[] pick(double[] from, int[] indices) {
    return Arrays.stream(indices).mapToDouble(i -> from[i]).toArray();
  }

  /** What becomes of live events with one version. */
  private static final class Sample {
    /** One for each event; NaN if it has none. */
    final double[] scores;

    final long[] absent;
    int rows;
    String firstRejection = "";

    Sample(int events, int features) {
      scores = new double[events];
      absent = new long[features];
      Arrays.fill(scores, Double.NaN);
    }

    void add(MicroBatch<?> batch) {
      rows += batch.rows();
      batch.features.countAbsent(absent);
      if (firstRejection.isEmpty() && !batch.rejected.isEmpty()) {
        firstRejection = batch.rejected.get(0).reason() + ": " + batch.rejected.get(0).detail();
      }
    }

    Set<String> present(List<String> names) {
      return IntStream.range(0, absent.length)
          .filter(i -> absent[i] < rows)
          .mapToObj(names::get)
          .collect(Collectors.toSet());
    }
  }

  /**
   * Encodes events by the version's own rules, and scores them.
   *
   * @param scorer null: without scores
   */
  private Sample sample(MicroBatcher<E> batcher, DeepFmScorer scorer, List<E> events) {
    MicroBatch<E> batch = batcher.batch();
    Sample sample =
        new Sample(events.size(), batch.features.numDense() + batch.features.keys().size());
    int[] eventOfRow = new int[settings.batchRows()];
    float[] logits = new float[settings.batchRows()];
    for (int i = 0; i < events.size(); i++) {
      int rows = batch.rows();
      batcher.add(events.get(i), 0);
      if (batch.rows() > rows) {
        eventOfRow[rows] = i;
      }
      if (batcher.isFull() || i == events.size() - 1) {
        if (batch.rows() > 0 && scorer != null) {
          scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), logits);
          for (int row = 0; row < batch.rows(); row++) {
            sample.scores[eventOfRow[row]] =
                Float.isFinite(logits[row]) ? DeepFmScorer.sigmoid(logits[row]) : Double.NaN;
          }
        }
        sample.add(batch);
        batch.clear();
      }
    }
    return sample;
  }
}
