package io.github.flinkdeepfm.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgressiveMetricsTest {

  @Test
  void aucIsTheShareOfPairsInTheRightOrder() {
    Random random = new Random(7);
    int count = 2000;
    double[] logits = new double[count];
    boolean[] labels = new boolean[count];
    ProgressiveMetrics metrics = new ProgressiveMetrics();
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(5) == 0;
      logits[i] = random.nextGaussian() - 5 + (labels[i] ? 0.8 : 0);
      metrics.add(logits[i], labels[i]);
    }
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        if (labels[i] && !labels[j]) {
          pairs++;
          right += logits[i] > logits[j] ? 1 : logits[i] == logits[j] ? 0.5 : 0;
        }
      }
    }
    assertThat(metrics.auc()).isCloseTo(right / pairs, within(2e-4));
  }

  @Test
  void tiesCountHalf() {
    ProgressiveMetrics metrics = new ProgressiveMetrics();
    metrics.add(0.5, true);
    metrics.add(0.5, false);
    metrics.add(-1, false);
    assertThat(metrics.auc()).isEqualTo(0.75);
  }

  @Test
  void logitsBeyondTheHistogramAreRankedAtItsEnds() {
    ProgressiveMetrics metrics = new ProgressiveMetrics();
    metrics.add(1e30, true);
    metrics.add(Float.NEGATIVE_INFINITY, false);
    assertThat(metrics.auc()).isEqualTo(1);
  }

  @Test
  void nothingIsKnownBeforeThereIsOneOfEach() {
    ProgressiveMetrics metrics = new ProgressiveMetrics();
    assertThat(metrics.logLoss()).isNaN();
    metrics.add(1, true);
    assertThat(metrics.auc()).isNaN();
    assertThat(metrics.count()).isEqualTo(1);
  }

  @Test
  void logLossIsTheMeanNegativeLogLikelihood() {
    LogLoss loss = new LogLoss();
    loss.add(Math.log(3), true);
    loss.add(Math.log(3), false);
    assertThat(loss.mean()).isCloseTo(-(Math.log(0.75) + Math.log(0.25)) / 2, within(1e-12));
  }

  @Test
  void aSureAndWrongPredictionCostsItsLogit() {
    assertThat(LogLoss.of(1000, 0)).isEqualTo(1000);
    assertThat(LogLoss.of(-1000, 1)).isEqualTo(1000);
    assertThat(LogLoss.of(1000, 1)).isZero();
  }
}
