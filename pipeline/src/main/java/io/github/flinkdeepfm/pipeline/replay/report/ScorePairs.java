package io.github.flinkdeepfm.pipeline.replay.report;

import io.github.flinkdeepfm.model.metrics.ExactAuc;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The logits and labels of all compared rows, for statistics that need a sort, as long as there are
 * not too many: 9 bytes a row.
 */
final class ScorePairs {
  private static final byte NONE = 2;

  private final int limit;
  private float[] baseline = new float[1024];
  private float[] candidate = new float[1024];
  private byte[] labels = new byte[1024];
  private int count;
  private boolean complete = true;

  /**
   * @param limit rows; with one more, all are let go
   */
  ScorePairs(int limit) {
    this.limit = limit;
  }

  /**
   * @param label 0, 1, or another number for none
   */
  void add(float baselineLogit, float candidateLogit, double label) {
    if (count == limit) {
      complete = false;
      baseline = candidate = new float[0];
      labels = new byte[0];
    }
    if (!complete) {
      return;
    }
    if (count == labels.length) {
      int more = Math.min(limit, 2 * count);
      baseline = Arrays.copyOf(baseline, more);
      candidate = Arrays.copyOf(candidate, more);
      labels = Arrays.copyOf(labels, more);
    }
    baseline[count] = baselineLogit;
    candidate[count] = candidateLogit;
    labels[count++] = label == 0 || label == 1 ? (byte) label : NONE;
  }

  /** Whether every row is still here: only then may the others be called. */
  boolean isComplete() {
    return complete;
  }

  double[] baselineLogits() {
    return IntStream.range(0, count).mapToDouble(i -> baseline[i]).toArray();
  }

  double[] candidateLogits() {
    return IntStream.range(0, count).mapToDouble(i -> candidate[i]).toArray();
  }

  /** Exact, over the labelled rows. */
  double baselineAuc() {
    return auc(baseline);
  }

  double candidateAuc() {
    return auc(candidate);
  }

  private double auc(float[] logits) {
    int[] labelled = IntStream.range(0, count).filter(i -> labels[i] != NONE).toArray();
    float[] kept = new float[labelled.length];
    boolean[] positive = new boolean[labelled.length];
    for (int i = 0; i < labelled.length; i++) {
      kept[i] = logits[labelled[i]];
      positive[i] = labels[labelled[i]] == 1;
    }
    return ExactAuc.of(kept, positive);
  }
}
