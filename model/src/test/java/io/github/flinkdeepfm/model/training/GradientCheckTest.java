package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.modules.PoolingType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientCheckTest {
  private static final double STEP = 1e-5;

  @ParameterizedTest
  @CsvSource({"SUM,false,1", "MEAN,false,2", "SUM,true,3"})
  void everyGradientIsTheCentralDifferenceOfTheLossInDouble(
      PoolingType pooling, boolean weighted, long seed) {
    SmallTraining small = new SmallTraining(pooling, weighted, seed);
    DeepFmParameters parameters = DeepFmParameters.initial(small.config(), seed);
    int batch = 13;
    float[] dense = small.dense(batch);
    KeyedJaggedTensor kjt = small.bags(batch);
    float[] labels = small.labels(batch);
    DoubleDeepFm twin = new DoubleDeepFm(parameters);
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, OptimizerOptions.DEFAULT, 16)) {
      trainer.computeGradients(dense, kjt, labels);

      for (Map.Entry<String, double[]> parameter : twin.parameters.entrySet()) {
        float[] gradient = trainer.gradient(parameter.getKey());
        double[] values = parameter.getValue();
        assertThat(gradient).hasSameSizeAs(values);
        double largest = 0;
        for (int i = 0; i < values.length; i++) {
          double value = values[i];
          values[i] = value + STEP;
          double above = twin.loss(dense, kjt, labels);
          values[i] = value - STEP;
          double below = twin.loss(dense, kjt, labels);
          values[i] = value;
          double expected = (above - below) / (2 * STEP);
          largest = Math.max(largest, Math.abs(expected));
          assertThat((double) gradient[i])
              .as("%s[%d]", parameter.getKey(), i)
              .isCloseTo(expected, within(2e-6));
        }
        assertThat(largest).as("a gradient of %s", parameter.getKey()).isGreaterThan(1e-3);
      }
    }
  }
}
