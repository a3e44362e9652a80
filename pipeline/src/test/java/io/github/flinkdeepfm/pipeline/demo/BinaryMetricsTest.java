package io.github.flinkdeepfm.pipeline.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BinaryMetricsTest {
  @Test
  void aucAgreesWithCountingEveryPairAndLoglossWithItsFormula() {
    SplittableRandom random = new SplittableRandom(7);
    int n = 600;
    double[] scores = random.doubles(n).toArray();
    boolean[] labels = new boolean[n];
    BinaryMetrics metrics = new BinaryMetrics();
    double loss = 0;
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextDouble() < scores[i];
      loss -= Math.log(labels[i] ? scores[i] : 1 - scores[i]) / n;
      metrics.add(scores[i], labels[i]);
    }
    double won = 0;
    double pairs = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (labels[i] && !labels[j]) {
          pairs++;
          won += scores[i] > scores[j] ? 1 : 0;
        }
      }
    }
    assertThat(metrics.auc()).isCloseTo(won / pairs, within(1e-4));
    assertThat(metrics.logloss()).isCloseTo(loss, within(1e-12));
    assertThat(metrics.count()).isEqualTo(n);
  }

  @Test
  void equalScoresRankHalf() {
    BinaryMetrics metrics = new BinaryMetrics();
    metrics.add(1.0, true);
    metrics.add(1.0, false);
    assertThat(metrics.auc()).isEqualTo(0.5);
  }

  @Test
  void withoutBothLabelsThereIsNoAuc() {
    BinaryMetrics metrics = new BinaryMetrics();
    assertThat(metrics.auc()).isNaN();
    metrics.add(0.3, true);
    assertThat(metrics.auc()).isNaN();
  }

  @Test
  void aSureAndWrongPredictionCostsAFiniteLoss() {
    BinaryMetrics metrics = new BinaryMetrics();
    metrics.add(0.0, true);
    assertThat(metrics.logloss()).isFinite().isGreaterThan(10);
  }
}
