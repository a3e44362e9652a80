package io.github.flinkdeepfm.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreComparisonTest {
  private static final double[] DIGITS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

  private static double[] normal(long seed, int count, double mean, double deviation) {
    Random random = new Random(seed);
    return random.doubles(count).map(u -> mean + deviation * random.nextGaussian()).toArray();
  }

  private static LogitHistogram histogram(double[] logits) {
    LogitHistogram histogram = new LogitHistogram(LogitHistogram.FINE);
    Arrays.stream(logits).forEach(histogram::add);
    return histogram;
  }

  @Test
  void theStabilityIndexIsThatOfItsDefinition() {
    assertThat(StabilityIndex.of(DIGITS, DIGITS, 10).value()).isZero();
    double[] got = {0, 0, 2, 3, 4, 5, 6, 7, 8, 9};
    StabilityIndex index = StabilityIndex.of(DIGITS, got, 10);
    // Shares (n + 0.5) / 15: one bin from 1.5 to 2.5, one from 1.5 to 0.5.
    double value = (1.0 / 15) * Math.log(2.5 / 1.5) - (1.0 / 15) * Math.log(0.5 / 1.5);
    assertThat(index.value()).isCloseTo(value, within(1e-12));
    assertThat(index.edges()).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0);
    assertThat(index.got()).containsExactly(2L, 0L, 1L, 1L, 1L, 1L, 1L, 1L, 1L, 1L);
  }

  @Test
  void theStabilityIndexOfOneConstantIsFinite() {
    double[] constant = new double[100];
    assertThat(StabilityIndex.of(constant, constant, 10).value()).isZero();
    double[] other = constant.clone();
    Arrays.fill(other, -1);
    assertThat(StabilityIndex.of(constant, other, 10).value()).isGreaterThan(5).isFinite();
    assertThat(StabilityIndex.of(new double[0], new double[0], 10).value()).isNaN();
    assertThat(StabilityIndex.of(DIGITS, new double[0], 10).value()).isNaN();
  }

  @Test
  void theStabilityIndexOfHistogramsIsCloseToTheExactOne() {
    double[] expected = normal(1, 20_000, -3, 1);
    double[] got = normal(2, 20_000, -2.7, 1.2);
    StabilityIndex exact = StabilityIndex.of(expected, got, 10);
    StabilityIndex binned = StabilityIndex.of(histogram(expected), histogram(got), 10);
    assertThat(exact.value()).isGreaterThan(0.05);
    assertThat(binned.value()).isCloseTo(exact.value(), within(2e-3));
    assertThat(binned.expected().stream().mapToLong(n -> n).sum()).isEqualTo(20_000);
    assertThat(binned.got().stream().mapToLong(n -> n).sum()).isEqualTo(20_000);
    assertThat(binned.edges().get(4)).isCloseTo(-3, within(0.03));
  }

  @Test
  void kolmogorovSmirnovIsTheLargestDistanceOfTheCumulativeDistributions() {
    double[] first = normal(3, 300, 0, 1);
    double[] second = normal(4, 207, 0.4, 1);
    second[0] = first[0];
    double slow = 0;
    for (double at : first) {
      double a = Arrays.stream(first).filter(x -> x <= at).count() / 300.0;
      double b = Arrays.stream(second).filter(x -> x <= at).count() / 207.0;
      slow = Math.max(slow, Math.abs(a - b));
    }
    for (double at : second) {
      double a = Arrays.stream(first).filter(x -> x <= at).count() / 300.0;
      double b = Arrays.stream(second).filter(x -> x <= at).count() / 207.0;
      slow = Math.max(slow, Math.abs(a - b));
    }
    assertThat(KolmogorovSmirnov.of(first, second)).isCloseTo(slow, within(1e-12));
    assertThat(KolmogorovSmirnov.of(histogram(first), histogram(second)))
        .isCloseTo(slow, within(1.0 / 207));
  }

  @Test
  void kolmogorovSmirnovOfOneDistributionIsZeroAndOfDisjointOnesOne() {
    assertThat(KolmogorovSmirnov.of(DIGITS, DIGITS)).isZero();
    assertThat(KolmogorovSmirnov.of(new double[] {-0.0}, new double[] {0.0})).isZero();
    assertThat(KolmogorovSmirnov.of(new double[] {1, 2}, new double[] {3})).isEqualTo(1);
    assertThat(KolmogorovSmirnov.of(new double[0], DIGITS)).isNaN();
  }

  @Test
  void exactAucIsTheShareOfPairsInTheRightOrder() {
    Random random = new Random(5);
    float[] logits = new float[600];
    boolean[] labels = new boolean[600];
    for (int i = 0; i < logits.length; i++) {
      labels[i] = random.nextInt(4) == 0;
      // Few values, so that there are ties; both signs and both zeros.
      logits[i] = Math.round(3 * random.nextGaussian() + (labels[i] ? 2 : 0)) * -0.25f;
    }
    double right = 0;
    double pairs = 0;
    for (int i = 0; i < logits.length; i++) {
      for (int j = 0; j < logits.length; j++) {
        if (labels[i] && !labels[j]) {
          pairs++;
          right += logits[i] > logits[j] ? 1 : logits[i] == logits[j] ? 0.5 : 0;
        }
      }
    }
    assertThat(ExactAuc.of(logits, labels)).isCloseTo(right / pairs, within(1e-12));
    assertThat(ExactAuc.of(new float[] {0, 0}, new boolean[] {true, true})).isNaN();
    assertThat(ExactAuc.of(new float[] {-0f, 0f}, new boolean[] {true, false})).isEqualTo(0.5);
  }

  @Test
  void calibrationErrorIsTheWeightedDistanceOfBins() {
    Calibration calibration = new Calibration(20);
    calibration.add(0.11, true);
    calibration.add(0.13, false);
    calibration.add(1, true);
    calibration.add(1, false);
    assertThat(calibration.bins())
        .containsExactly(new Calibration.Bin(2, 0.12, 0.5), new Calibration.Bin(2, 1, 0.5));
    assertThat(Calibration.expectedError(calibration.bins()))
        .isCloseTo(0.5 * 0.38 + 0.5 * 0.5, within(1e-12));
    assertThat(Calibration.expectedError(new Calibration(15).bins())).isNaN();
  }

  @Test
  void binsOfEqualMassAreEquallyFullAndCalibratedWhereThePredictionsAre() {
    Random random = new Random(6);
    AucHistogram predictions = new AucHistogram();
    int count = 40_000;
    double predicted = 0;
    for (int i = 0; i < count; i++) {
      double logit = random.nextGaussian() - 3;
      double probability = 1 / (1 + Math.exp(-logit));
      predicted += probability;
      predictions.add(logit, random.nextDouble() < probability);
    }
    var bins = Calibration.equalMass(predictions, 20);
    assertThat(bins).hasSize(20);
    assertThat(bins).allSatisfy(bin -> assertThat(bin.count()).isBetween(1_900L, 2_100L));
    double mean = bins.stream().mapToDouble(b -> b.count() * b.meanPredicted()).sum() / count;
    assertThat(mean).isCloseTo(predicted / count, within(1e-5));
    assertThat(Calibration.expectedError(bins)).isLessThan(0.01);
  }

  @Test
  void binsOfEqualMassHoldEveryPredictionOnceWhereAllAreEqual() {
    AucHistogram predictions = new AucHistogram();
    for (int i = 0; i < 50; i++) {
      predictions.add(0.25, i < 10);
    }
    assertThat(Calibration.equalMass(predictions, 20))
        .singleElement()
        .satisfies(
            bin -> {
              assertThat(bin.count()).isEqualTo(50);
              assertThat(bin.rate()).isEqualTo(0.2);
            });
    assertThat(Calibration.equalMass(new AucHistogram(), 20)).isEmpty();
  }

  @Test
  void normalisedEntropyOfAlwaysPredictingTheRateIsOne() {
    LogLoss loss = new LogLoss();
    for (int i = 0; i < 10; i++) {
      loss.add(Math.log(0.3 / 0.7), i < 3);
    }
    assertThat(loss.normalisedEntropy(0.3)).isCloseTo(1, within(1e-12));
    assertThat(loss.normalisedEntropy(0)).isNaN();
  }

  @Test
  void mergedMetricsAreThoseOfAllPredictions() {
    Random random = new Random(8);
    ProgressiveMetrics all = new ProgressiveMetrics(4096);
    ProgressiveMetrics first = new ProgressiveMetrics(4096);
    ProgressiveMetrics second = new ProgressiveMetrics(4096);
    for (int i = 0; i < 500; i++) {
      double logit = random.nextGaussian();
      boolean label = random.nextBoolean();
      all.add(logit, label);
      (i % 3 == 0 ? first : second).add(logit, label);
    }
    first.add(second);
    assertThat(first.auc()).isEqualTo(all.auc());
    assertThat(first.count()).isEqualTo(500);
    assertThat(first.logLoss()).isCloseTo(all.logLoss(), within(1e-12));
    assertThatThrownBy(() -> first.add(new ProgressiveMetrics()))
        .hasMessageContaining("expected a histogram of 4096 bins, got 65536");
  }
}
