package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.device.Device;
import io.github.flinkdeepfm.model.features.DeadLetterReason;
import io.github.flinkdeepfm.model.features.RowEncoder;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Scores values at once, where there is no stream operator to do it: same encoder, same kernel and
 * same shared models as {@link DeepFmScoring}, the same bits. It sees no checkpoint barriers and
 * holds no state: with a model root it starts with the version that is wanted then, looks at the
 * root now and then, makes a new version ready in the background and goes on with it at the next
 * call of {@link #score}. Nobody tells it when its class loader ends, so copies of versions go when
 * the last scorer of a process closes, and a restart copies them again.
 *
 * <p>One thread at a time may call it.
 */
public final class DirectScorer<T> implements AutoCloseable {
  private final EventKind<T, ?, ?> kind;
  private final ScoringSettings settings;
  private final ScoreMetrics metrics;
  private final ModelFollower<T> follower;
  private ModelStore.Lease lease;
  private MicroBatcher<T> batcher;
  private DeepFmScorer scorer;
  private float[] logits = new float[16];

  /** Where a scorer runs. */
  public interface Slot {
    MetricGroup metrics();

    /** Flink's external resources of this name. */
    Collection<ExternalResourceInfo> resources(String name);

    int subtask();

    /** Where copies of versions go if the settings name no directory. */
    Path temporary();
  }

  /**
   * What becomes of one value.
   *
   * @param logit finite; of no meaning with a reason
   * @param score of no meaning with a reason
   * @param modelVersion the version that scored or rejected it
   * @param reason null for a score
   * @param detail null for a score
   */
  public record Outcome(
      float logit, float score, String modelVersion, DeadLetterReason reason, String detail) {
    public boolean isScore() {
      return reason == null;
    }
  }

  private DirectScorer(
      EventKind<T, ?, ?> kind,
      ScoringSettings settings,
      ModelFollower<T> follower,
      ModelStore.Lease lease,
      MetricGroup group) {
    this.kind = kind;
    this.settings = settings;
    this.follower = follower;
    this.lease = lease;
    metrics = new ScoreMetrics(group);
    batcher = new MicroBatcher<>(kind, settings, lease);
    scorer = lease.takeScorer();
    Supplier<MicroBatcher<T>> current = () -> batcher;
    group.gauge(
        MetricNames.ACTIVE_VERSION,
        (Gauge<String>) () -> current.get().batch().model.model().version());
  }

  /**
   * Loads the version to start with. Blocks.
   *
   * @param encoders gives the encoder for a version, and refuses a version by throwing
   * @throws Exception if there is no version to score with
   */
  public static <T> DirectScorer<T> open(
      Function<ServingModel, RowEncoder<T>> encoders, ScoringSettings settings, Slot slot)
      throws Exception {
    EventKind<T, ?, ?> kind = new UserEvents<>(encoders::apply, null);
    Optional<Device> device =
        SlotDevice.find(
            settings.device(), () -> slot.resources(SlotDevice.RESOURCE), slot.subtask());
    ModelFollower<T> follower =
        new ModelFollower<>(
            new SlotModels<>(ModelStore.SHARED, kind, settings, slot.temporary(), device),
            settings,
            encoders,
            slot.metrics());
    try {
      ModelStore.Lease lease = follower.start();
      return new DirectScorer<>(kind, settings, follower, lease, slot.metrics());
    } catch (Exception | Error e) {
      follower.close();
      throw e;
    }
  }

  /** Scores values in one batch, all of them with one version; outcomes are in their order. */
  public List<Outcome> score(List<T> values) {
    follower.takeNext().ifPresent(this::use);
    MicroBatch<T> batch = batcher.batch();
    Outcome[] outcomes = new Outcome[values.size()];
    int[] valueOfRow = new int[outcomes.length];
    try {
      for (int i = 0; i < outcomes.length; i++) {
        int rows = batch.rows();
        batcher.add(values.get(i), 0);
        if (batch.rows() > rows) {
          valueOfRow[rows] = i;
        } else {
          Rejected<T> rejected = batch.rejected.get(batch.rejected.size() - 1);
          outcomes[i] = rejected(rejected.reason(), rejected.detail());
        }
      }
      score(batch);
      for (int row = 0; row < batch.rows(); row++) {
        outcomes[valueOfRow[row]] = outcome(logits[row]);
      }
    } finally {
      batch.clear();
    }
    return List.of(outcomes);
  }

  private void score(MicroBatch<T> batch) {
    if (batch.rows() == 0) {
      return;
    }
    if (logits.length < batch.rows()) {
      logits = new float[Math.max(batch.rows(), logits.length * 2)];
    }
    long start = System.nanoTime();
    scorer.score(batch.features.dense(), batch.features.toKeyedJaggedTensor(), logits);
    metrics.batch(System.nanoTime() - start);
  }

  private Outcome outcome(float logit) {
    if (!Float.isFinite(logit)) {
      return rejected(
          DeadLetterReason.LOGIT_NOT_FINITE,
          "expected a finite logit of model " + lease.model().version() + ", got " + logit);
    }
    metrics.score(0, RawEvent.NO_TIMESTAMP);
    return new Outcome(logit, DeepFmScorer.sigmoid(logit), lease.model().version(), null, null);
  }

  private Outcome rejected(DeadLetterReason reason, String detail) {
    metrics.deadLetter(reason);
    return new Outcome(Float.NaN, Float.NaN, lease.model().version(), reason, detail);
  }

  private void use(PreparedModel<T> prepared) {
    lease.keepScorer(scorer);
    lease.closeLater();
    prepared.batcher().countFrom(batcher);
    batcher = prepared.batcher();
    lease = prepared.lease();
    scorer = lease.takeScorer();
  }

  @Override
  public void close() {
    scorer.close();
    follower.close(); // Its is the claim on what scores.
    ModelStore.SHARED.clean();
  }
}
