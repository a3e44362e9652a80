package io.github.flinkdeepfm.pipeline.demo;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A SimpleDeepFMNN whose weights are set, not trained, to what {@link PlantedTruth} says of single
 * features, with noise; it knows nothing of the pairs. So it ranks clicks well, and visibly worse
 * than the best possible.
 *
 * <p>How the sum of the effects passes two ReLUs: column 0 of every table row is the effect of its
 * category. DenseArch splits the dense part into its positive and its negative terms, both ≥ 0.
 * With s the sum of all of these, deep unit 0 is ReLU(s), unit 1 is ReLU(-s), and the over-arch
 * takes their difference. All other weights are small random numbers; the fm column has weight 0.
 *
 * @param config D = 16, H = 64, DI = 64
 * @param tensors row-major, by their state_dict names; shapes follow from the config
 */
record DemoModel(ModelConfig config, Map<String, float[]> tensors) {
  static final String TABLES = "sparse_arch.embedding_bag_collection.embedding_bags.";
  private static final int D = DemoFeatures.D;
  private static final int H = DemoFeatures.H;
  private static final int DI = DemoFeatures.DI;

  /** Standard deviation of what is added to each effect; the effects' own is 0.22. */
  private static final double EFFECT_NOISE = 0.08;

  private static final double SMALL = 0.01;

  /** The model of a truth; another seed draws other noise. */
  static DemoModel of(PlantedTruth truth, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, float[]> tensors = new HashMap<>();
    for (SparseField field : truth.sparse()) {
      String name = "t_" + field.shape().name();
      tensors.put(TABLES + name + ".weight", table(field, random));
    }
    dense(truth, random, tensors);
    deep(truth.sparse().size(), random, tensors);
    over(truth.bias(), random, tensors);
    return new DemoModel(DemoFeatures.modelConfig(truth), Map.copyOf(tensors));
  }

  /** [rows, D]. */
  private static float[] table(SparseField field, SplittableRandom random) {
    float[] weight = noise(field.rows() * D, random);
    for (int c = 0; c < field.shape().categories(); c++) {
      weight[field.row(c) * D] = (float) (field.effect(c) + EFFECT_NOISE * random.nextGaussian());
    }
    return weight;
  }

  private static void dense(
      PlantedTruth truth, SplittableRandom random, Map<String, float[]> tensors) {
    int n = truth.dense().size();
    float[] hidden = new float[H * n];
    float[] out = noise(D * H, random);
    for (int j = 0; j < n; j++) {
      hidden[j * n + j] = 1; // log1p of a count is never negative, so the first ReLU keeps it
      float weight = (float) truth.dense().get(j).weight();
      out[j] = Math.max(weight, 0);
      out[H + j] = Math.max(-weight, 0);
    }
    tensors.put("dense_arch.model.0.weight", hidden);
    tensors.put("dense_arch.model.0.bias", new float[H]);
    tensors.put("dense_arch.model.2.weight", out);
    tensors.put("dense_arch.model.2.bias", new float[D]);
  }

  /** [DI, D + F·D], the dense embedding first. */
  private static void deep(int features, SplittableRandom random, Map<String, float[]> tensors) {
    int columns = D + features * D;
    float[] weight = noise(DI * columns, random);
    for (int unit = 0; unit < 2; unit++) {
      float sign = unit == 0 ? 1 : -1;
      Arrays.fill(weight, unit * columns, (unit + 1) * columns, 0);
      weight[unit * columns] = sign;
      weight[unit * columns + 1] = -sign;
      for (int f = 0; f < features; f++) {
        weight[unit * columns + D + f * D] = sign;
      }
    }
    tensors.put("inter_arch.deep_fm.dense_module.0.weight", weight);
    tensors.put("inter_arch.deep_fm.dense_module.0.bias", new float[DI]);
  }

  /** [1, D + DI + 1]: dense, deep, fm. */
  private static void over(double bias, SplittableRandom random, Map<String, float[]> tensors) {
    float[] weight = noise(D + DI + 1, random);
    weight[0] = 0;
    weight[1] = 0;
    weight[D] = 1;
    weight[D + 1] = -1;
    weight[D + DI] = 0;
    tensors.put("over_arch.model.0.weight", weight);
    tensors.put("over_arch.model.0.bias", new float[] {(float) bias});
  }

  private static float[] noise(int size, SplittableRandom random) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (SMALL * random.nextGaussian());
    }
    return values;
  }
}
