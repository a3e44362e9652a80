package io.github.flinkdeepfm.model.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.flinkdeepfm.model.GoldenCase;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.SafetensorsFile;
import io.github.flinkdeepfm.model.checkpoint.StateDict;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.metrics.LogLoss;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.training.OptimizerOptions.DenseOptimizer;
import io.github.flinkdeepfm.model.training.OptimizerOptions.TableOptimizer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some optimisation steps against PyTorch's own. */
class TrainingGoldenTest {
  private static final double RELATIVE = 1e-5;

  @ParameterizedTest
  @ValueSource(strings = {"train_sgd", "train_adagrad"})
  void gradientsScoresAndFinalParametersAreThoseOfPyTorch(String name) throws Exception {
    JsonNode description = GoldenCase.json(name + "/case.json");
    try (SafetensorsFile steps = SafetensorsFile.open(file(name, "steps.safetensors"));
        SafetensorsFile expected = SafetensorsFile.open(file(name, "expected.safetensors"));
        ModelWeights start = ModelDirectory.open(file(name, "")).load()) {
      DeepFmParameters parameters = DeepFmParameters.of(start);
      ModelConfig config = parameters.config();
      int batch = description.get("batch_size").asInt();
      try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, options(description), batch)) {
        for (int s = 0; s < description.get("steps").asInt(); s++) {
          float[] dense = steps.readFloats(s + ".dense_features");
          float[] labels = steps.readFloats(s + ".labels");
          KeyedJaggedTensor kjt = kjt(description, steps, s);
          if (s == 0) {
            assertGradients(parameters, options(description), expected, dense, kjt, labels);
          }

          float[] logits = trainer.step(dense, kjt, labels);

          assertClose(s + ".scores", scores(logits), expected.readFloats(s + ".scores"));
          assertThat(loss(logits, labels))
              .isCloseTo(description.get("losses").get(s).asDouble(), within(RELATIVE));
        }
        for (StateDict.Entry entry : StateDict.dense(config)) {
          assertClose(
              entry.name(),
              parameters.dense(entry.name()),
              expected.readFloats("final." + entry.name()));
        }
        for (int t = 0; t < config.tables().size(); t++) {
          String table = StateDict.tableName(config, config.tables().get(t));
          assertClose(
              table, parameters.tables().get(t).values(), expected.readFloats("final." + table));
          if (expected.tensors().containsKey("accumulator." + table)) {
            assertClose(
                "accumulator of " + table,
                trainer.tableAccumulator(table),
                expected.readFloats("accumulator." + table));
          }
        }
      }
    }
  }

  private static void assertGradients(
      DeepFmParameters parameters,
      OptimizerOptions options,
      SafetensorsFile expected,
      float[] dense,
      KeyedJaggedTensor kjt,
      float[] labels) {
    // A larger T than B: padding must not reach the gradients.
    try (DeepFmTrainer trainer = new DeepFmTrainer(parameters, options, kjt.stride() + 5)) {
      trainer.computeGradients(dense, kjt, labels);
      for (StateDict.Entry entry : StateDict.of(parameters.config())) {
        String name = entry.name();
        assertClose("grad." + name, trainer.gradient(name), expected.readFloats("grad." + name));
      }
    }
  }

  private static OptimizerOptions options(JsonNode description) {
    boolean sgd = description.get("dense_optimizer").asText().equals("sgd");
    float rate = (float) description.get("learning_rate").asDouble();
    return new OptimizerOptions(
        sgd ? DenseOptimizer.SGD : DenseOptimizer.ADAGRAD,
        rate,
        sgd ? TableOptimizer.SGD : TableOptimizer.EXACT_ROWWISE_ADAGRAD,
        rate,
        (float) description.get("epsilon").asDouble());
  }

  private static KeyedJaggedTensor kjt(JsonNode description, SafetensorsFile steps, int step) {
    int[] lengths =
        Arrays.stream(steps.readLongs(step + ".lengths")).mapToInt(Math::toIntExact).toArray();
    return KeyedJaggedTensor.fromLengthsSync(
        GoldenCase.strings(description.get("keys")), steps.readLongs(step + ".values"), lengths);
  }

  private static float[] scores(float[] logits) {
    float[] scores = new float[logits.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = DeepFmScorer.sigmoid(logits[i]);
    }
    return scores;
  }

  private static double loss(float[] logits, float[] labels) {
    LogLoss loss = new LogLoss();
    for (int i = 0; i < logits.length; i++) {
      loss.add(logits[i], labels[i] == 1);
    }
    return loss.mean();
  }

  private static void assertClose(String what, float[] got, float[] expected) {
    assertThat(got).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < got.length; i++) {
      double tolerance = RELATIVE * Math.max(1, Math.abs(expected[i]));
      assertThat(Math.abs((double) got[i] - expected[i]))
          .as("%s[%d]: expected %s, got %s", what, i, expected[i], got[i])
          .isLessThanOrEqualTo(tolerance);
    }
  }

  private static Path file(String name, String file) throws URISyntaxException {
    return Path.of(TrainingGoldenTest.class.getResource("/golden/" + name + "/" + file).toURI());
  }
}
