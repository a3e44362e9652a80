package io.github.flinkdeepfm.model.serving;

import io.github.flinkdeepfm.model.InvalidModelException;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.checkpoint.ModelDirectory;
import io.github.flinkdeepfm.model.checkpoint.ModelWeights;
import io.github.flinkdeepfm.model.checkpoint.ParitySample;
import io.github.flinkdeepfm.model.kernel.Activations;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.sparse.JaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Runs a model directory's parity sample on the path that serves, and compares every output that
 * the sample has with what the trainer's model made of it.
 *
 * <p>Tolerance: |got − expected| ≤ 1e-5·max(1, |expected|). The FM column is a difference of large
 * numbers and may be off by 1e-5·max(1, (S² + Q)/2), S the sum and Q the sum of squares of its
 * input. Integer tensors are equal or not.
 */
public final class ParityCheck {
  private final ModelDirectory directory;
  private final ModelConfig config;
  private final ParitySample sample;
  private final KeyedJaggedTensor kjt;
  private final List<ParityReport.Row> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<String, float[]> got = new LinkedHashMap<>();

  private ParityCheck(ModelDirectory directory, ParitySample sample) {
    this.directory = directory;
    this.config = directory.config();
    this.sample = sample;
    this.kjt =
        sample.weights().isPresent()
            ? KeyedJaggedTensor.fromLengthsSync(
                sample.keys(), sample.values(), sample.lengths(), sample.weights().get())
            : KeyedJaggedTensor.fromLengthsSync(sample.keys(), sample.values(), sample.lengths());
  }

  /**
   * Loads the model and runs its sample; empty if it has none.
   *
   * @throws InvalidModelException if the model or the sample is broken, or they do not fit
   */
  public static Optional<ParityReport> run(ModelDirectory directory) {
    return ParitySample.read(directory)
        .map(
            sample -> {
              try (ModelWeights weights = directory.load()) {
                return new ParityCheck(directory, sample).run(check -> check.runOn(weights));
              }
            });
  }

  /**
   * The same for a model that is loaded, on the host or the device that it scores on.
   *
   * @param loaded from {@code directory}
   */
  public static Optional<ParityReport> run(ModelDirectory directory, ServingModel loaded) {
    return ParitySample.read(directory)
        .map(
            sample -> {
              try (DeepFmScorer scorer = loaded.newScorer()) {
                return new ParityCheck(directory, sample).run(check -> check.runScorer(scorer));
              }
            });
  }

  private ParityReport run(Consumer<ParityCheck> model) {
    try {
      model.accept(this);
    } catch (IllegalArgumentException | IndexOutOfBoundsException | NoSuchElementException e) {
      throw new InvalidModelException(
          directory.path() + ": the parity sample does not fit the model: " + e.getMessage(), e);
    }
    compareOutputs();
    compareJaggedTensors();
    return new ParityReport(rows, notes);
  }

  private void runOn(ModelWeights weights) {
    if (config.kind() == ModelConfig.Kind.SIMPLE_DEEP_FM_NN) {
      try (HostDeepFm model = new HostDeepFm(config, weights::dense, weights.tables());
          DeepFmScorer scorer = model.newScorer()) {
        runScorer(scorer);
      }
    } else {
      runCollection(weights);
    }
  }

  private void runScorer(DeepFmScorer scorer) {
    if (!sample.expected().containsKey("scores")) {
      throw new InvalidModelException(
          directory.path()
              + ": expected.safetensors: expected a tensor scores, got "
              + sample.expected().keySet());
    }
    Activations out = scorer.forward(sample.denseFeatures(), kjt);
    float[] scores = new float[out.logits().length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = DeepFmScorer.sigmoid(out.logits()[i]);
    }
    got.put("embedded_dense", out.embeddedDense());
    got.put("embedded_sparse", out.embeddedSparse());
    got.put("interaction", out.interaction());
    got.put("logits", out.logits());
    got.put("scores", scores);
  }

  private void runCollection(ModelWeights weights) {
    EmbeddingBagCollection collection =
        new EmbeddingBagCollection(config.tables(), config.isWeighted(), weights.tables());
    KeyedTensor pooled = collection.forward(kjt);
    got.put("pooled", pooled.values().dup('c').data().asFloat());
    for (String key : pooled.keys()) {
      got.put("pooled." + key, pooled.get(key).dup('c').data().asFloat());
    }
  }

  private void compareOutputs() {
    boolean rounds = config.tables().stream().anyMatch(t -> t.dataType() != DataType.FP32);
    for (Map.Entry<String, float[]> output : got.entrySet()) {
      for (String name : List.of(output.getKey(), output.getKey() + "_f64")) {
        double[] expected = sample.expected().get(name);
        if (expected == null) {
          continue;
        }
        if (rounds && name.endsWith("_f64")) {
          notes.add(name + " not compared: double has no rounding of 16-bit tables");
          continue;
        }
        rows.add(
            output.getKey().equals("interaction")
                ? compareInteraction(name, expected, output.getValue())
                : Comparison.of(name, expected, output.getValue()));
      }
    }
    for (String name : sample.expected().keySet()) {
      String output = name.endsWith("_f64") ? name.substring(0, name.length() - 4) : name;
      if (!got.containsKey(output) && !name.startsWith("kjt.")) {
        notes.add(name + " not compared: no output of this model has that name");
      }
    }
  }

  private ParityReport.Row compareInteraction(String name, double[] expected, float[] actual) {
    Comparison comparison = new Comparison(name);
    comparison.checkCount(expected.length, actual.length);
    int width = config.embeddingDim() + config.deepFmDimension() + 1;
    for (int i = 0; i < actual.length; i++) {
      boolean fm = i % width == width - 1;
      double scale = fm ? fmScale(i / width) : Math.abs(expected[i]);
      comparison.add(i, expected[i], actual[i], scale);
    }
    return comparison.row();
  }

  private double fmScale(int row) {
    double sum = 0;
    double squares = 0;
    for (String part : List.of("embedded_dense", "embedded_sparse")) {
      float[] values = got.get(part);
      int width = values.length / sample.batchSize();
      for (int i = row * width; i < (row + 1) * width; i++) {
        sum += values[i];
        squares += (double) values[i] * values[i];
      }
    }
    return (sum * sum + squares) / 2;
  }

  private void compareJaggedTensors() {
    Map<String, JaggedTensor> byKey = kjt.toDict();
    for (Map.Entry<String, double[]> expected : sample.expected().entrySet()) {
      String name = expected.getKey();
      if (!name.startsWith("kjt.")) {
        continue;
      }
      int dot = name.lastIndexOf('.');
      JaggedTensor tensor = dot < 4 ? null : byKey.get(name.substring(4, dot));
      Optional<double[]> actual =
          tensor == null ? Optional.empty() : part(tensor, name.substring(dot + 1));
      if (actual.isEmpty()) {
        notes.add(name + " not compared: the sample's KJT has no such part");
        continue;
      }
      Comparison comparison = new Comparison(name);
      comparison.checkCount(expected.getValue().length, actual.get().length);
      for (int i = 0; i < actual.get().length; i++) {
        comparison.add(i, expected.getValue()[i], actual.get()[i], 0);
      }
      rows.add(comparison.row());
    }
  }

  private static Optional<double[]> part(JaggedTensor tensor, String part) {
    return switch (part) {
      case "values" -> Optional.of(Arrays.stream(tensor.values()).asDoubleStream().toArray());
      case "lengths" -> Optional.of(Arrays.stream(tensor.lengths()).asDoubleStream().toArray());
      case "offsets" -> Optional.of(Arrays.stream(tensor.offsets()).asDoubleStream().toArray());
      case "weights" ->
          tensor.weightsOrNull() == null
              ? Optional.empty()
              : Optional.of(widen(tensor.weightsOrNull()));
      default -> Optional.empty();
    };
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
