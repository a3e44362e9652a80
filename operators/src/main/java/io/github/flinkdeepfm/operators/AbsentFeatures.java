package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.model.features.DenseFeature;
import io.github.flinkdeepfm.model.features.FeatureBatch;
import io.github.flinkdeepfm.model.features.FeaturesConfig;
import io.github.flinkdeepfm.model.features.SparseFeature;
import io.github.flinkdeepfm.operators.metrics.MetricNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.AbstractMetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts in how many of the latest events each feature of the active version is absent: a gauge for
 * each of the first {@value #MAX_GAUGES}, and after a start one line of the log.
 */
final class AbsentFeatures {
  private static final Logger LOG = LoggerFactory.getLogger(AbsentFeatures.class);

  /** A gauge is the share of between one and two of these numbers of events. */
  static final int WINDOW = 1_000;

  static final int MAX_GAUGES = 256;
  private static final int MAX_NAMES = 20;

  private final MetricGroup operator;
  private final Set<String> allowed;

  /** Of the active version. */
  private volatile Counts counts = new Counts(List.of());

  private MetricGroup shown;
  private Counts shownCounts;
  private boolean told;

  /** Read by threads of reporters, which may see an event more or less. */
  private static final class Counts {
    final List<String> names;
    private final long[] absent;
    private final long[] absentBefore;
    private long rows;
    private long rowsBefore;

    Counts(List<String> names) {
      this.names = names;
      absent = new long[names.size()];
      absentBefore = new long[names.size()];
    }

    void add(FeatureBatch batch) {
      batch.countAbsent(absent);
      rows += batch.rows();
    }

    void startWindow() {
      System.arraycopy(absent, 0, absentBefore, 0, absent.length);
      Arrays.fill(absent, 0);
      rowsBefore = rows;
      rows = 0;
    }

    /** NaN before the first event. */
    double share(int feature) {
      return Math.min(1, (absent[feature] + absentBefore[feature]) / (double) (rows + rowsBefore));
    }

    List<String> absentInAll() {
      List<String> found = new ArrayList<>();
      for (int i = 0; i < absent.length; i++) {
        if (absent[i] == rows) {
          found.add(names.get(i));
        }
      }
      return found;
    }
  }

  /**
   * @param operator the operator's own group
   * @param allowed features that are not looked at
   */
  AbsentFeatures(MetricGroup operator, Set<String> allowed) {
    this.operator = operator;
    this.allowed = allowed;
  }

  /** Names of a version's features in the order of {@link FeatureBatch#countAbsent}. */
  static List<String> names(FeaturesConfig features) {
    List<String> names = new ArrayList<>();
    features.dense().stream().map(DenseFeature::name).forEach(names::add);
    features.sparse().stream().map(SparseFeature::name).forEach(names::add);
    return names;
  }

  /** The first names, and how many there are besides. */
  static String list(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(MAX_NAMES, names.size())))
        + (names.size() > MAX_NAMES ? " and " + (names.size() - MAX_NAMES) + " more" : "");
  }

  /**
   * Counts from now on for a version that has become active.
   *
   * @param elsewhere where metrics are registered, which takes longer than a batch may wait
   */
  void show(FeaturesConfig features, Executor elsewhere) {
    counts = new Counts(names(features));
    elsewhere.execute(this::register);
  }

  void add(FeatureBatch batch) {
    Counts now = counts;
    now.add(batch);
    if (now.rows < WINDOW) {
      return;
    }
    if (!told) {
      told = true;
      tell(now);
    }
    now.startWindow();
  }

  private void tell(Counts now) {
    List<String> absent = now.absentInAll();
    absent.removeAll(allowed);
    if (!absent.isEmpty()) {
      LOG.warn(
          "Expected values of all features that features.json maps, got none of {} in the first {}"
              + " events: is their \"source\" where events have them? model.allow_absent names"
              + " those that may be absent (said once; the metric {} goes on)",
          list(absent),
          now.rows,
          MetricNames.ABSENT);
    }
  }

  /** Gauges look up the counts by themselves: they are made anew only for other features. */
  private synchronized void register() {
    Counts now = counts;
    if (shownCounts != null && shownCounts.names.equals(now.names)) {
      shownCounts = now;
      return;
    }
    if (shown instanceof AbstractMetricGroup<?> before) {
      before.close();
    }
    shown = operator.addGroup(MetricNames.INPUT);
    shownCounts = now;
    for (int i = 0; i < Math.min(MAX_GAUGES, now.names.size()); i++) {
      int feature = i;
      String name = now.names.get(i);
      if (!allowed.contains(name)) {
        shown
            .addGroup(MetricNames.FEATURE, name)
            .gauge(MetricNames.ABSENT, (Gauge<Double>) () -> share(name, feature));
      }
    }
  }

  /** NaN while the active version has another feature at this place, or no event was read. */
  private double share(String name, int feature) {
    Counts now = counts;
    return feature < now.names.size() && now.names.get(feature).equals(name)
        ? now.share(feature)
        : Double.NaN;
  }
}
