package io.github.flinkdeepfm.model.deepfm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.modules.ArrayTable;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagCollection;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import io.github.flinkdeepfm.model.sparse.KeyedTensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The examples of the modules' docstrings, with the constructor arguments that some of them lack,
 * judged by plain loops in double.
 */
class DeepFmDocstringsTest {
  private static final int B = 20;
  private static final int D = 3;

  private static float[] random(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static INDArray matrix(float[] values, int rows, int columns) {
    return Nd4j.create(values, new long[] {rows, columns}, 'c');
  }

  private static double linear(
      float[] x, int row, int in, float[] weight, float[] bias, int output) {
    double sum = bias[output];
    for (int i = 0; i < in; i++) {
      sum += (double) x[row * in + i] * weight[output * in + i];
    }
    return sum;
  }

  @Test
  void docstringOfDenseArch() {
    int inFeatures = 10;
    int hidden = 10;
    Map<String, float[]> parameters =
        Map.of(
            "model.0.weight", random(hidden * inFeatures, 1),
            "model.0.bias", random(hidden, 2),
            "model.2.weight", random(D * hidden, 3),
            "model.2.bias", random(D, 4));
    DenseArch denseArch = new DenseArch(inFeatures, hidden, D, parameters::get);
    float[] input = random(B * inFeatures, 5);

    INDArray embedded = denseArch.forward(matrix(input, B, inFeatures));

    float[] expected = new float[B * D];
    for (int b = 0; b < B; b++) {
      float[] h = new float[hidden];
      for (int o = 0; o < hidden; o++) {
        h[o] =
            (float)
                Math.max(
                    0,
                    linear(
                        input,
                        b,
                        inFeatures,
                        parameters.get("model.0.weight"),
                        parameters.get("model.0.bias"),
                        o));
      }
      for (int d = 0; d < D; d++) {
        expected[b * D + d] =
            (float)
                Math.max(
                    0,
                    linear(
                        h,
                        0,
                        hidden,
                        parameters.get("model.2.weight"),
                        parameters.get("model.2.bias"),
                        d));
      }
    }
    assertThat(embedded.shape()).containsExactly(B, D);
    GoldenTolerance.assertClose("embedded", embedded, expected);
  }

  @Test
  void docstringOfSparseArch() {
    SparseArch sparseArch =
        new SparseArch(
            new EmbeddingBagCollection(
                List.of(
                    new EmbeddingBagConfig("t1", 10, 3, List.of("f1")),
                    new EmbeddingBagConfig("t2", 10, 4, List.of("f2"))),
                false,
                List.of(
                    ArrayTable.byRule(10, 3, DataType.FP32),
                    ArrayTable.byRule(10, 4, DataType.FP32))));
    KeyedTensor pooled =
        sparseArch.forward(
            KeyedJaggedTensor.fromOffsetsSync(
                List.of("f1", "f2"),
                new long[] {0, 1, 2, 3, 4, 5, 6, 7},
                new int[] {0, 2, 2, 3, 4, 5, 8}));
    assertThat(pooled.get("f1"))
        .isEqualTo(
            Nd4j.createFromArray(new float[][] {{1.5f, 2, 2.5f}, {0, 0, 0}, {1.5f, 1.75f, 2}}));
    assertThat(pooled.get("f2").shape()).containsExactly(3, 4);
  }

  @Test
  void docstringOfFMInteractionArch() {
    int batch = 10;
    int di = 5;
    List<String> keys = List.of("f1", "f2");
    int fmIn = D * (keys.size() + 1);
    float[] weight = random(di * fmIn, 1);
    float[] bias = random(di, 2);
    FMInteractionArch arch =
        new FMInteractionArch(
            fmIn,
            keys,
            di,
            Map.of("deep_fm.dense_module.0.weight", weight, "deep_fm.dense_module.0.bias", bias)
                ::get);
    INDArray dense = matrix(random(batch * D, 3), batch, D);
    INDArray sparse = matrix(random(batch * D * 2, 4), batch, D * 2);

    INDArray got = arch.forward(dense, new KeyedTensor(keys, new int[] {D, D}, sparse));

    INDArray x = Nd4j.concat(1, dense, sparse);
    float[] flat = x.data().asFloat();
    int width = D + di + 1;
    float[] expected = new float[batch * width];
    for (int b = 0; b < batch; b++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < fmIn; i++) {
        double element = flat[b * fmIn + i];
        sum += element;
        squares += element * element;
      }
      System.arraycopy(flat, b * fmIn, expected, b * width, D);
      for (int o = 0; o < di; o++) {
        expected[b * width + D + o] = (float) Math.max(0, linear(flat, b, fmIn, weight, bias, o));
      }
      expected[b * width + D + di] = (float) (0.5 * (sum * sum - squares));
    }
    assertThat(got.shape()).containsExactly(batch, width);
    GoldenTolerance.assertInteractionClose(got, expected, x);
  }

  @Test
  void withoutSparseFeaturesTheInteractionIsTheDenseInput() {
    INDArray dense = matrix(random(B * D, 3), B, D);
    KeyedTensor unused = new KeyedTensor(List.of("f"), new int[] {1}, matrix(new float[B], B, 1));
    assertThat(new FMInteractionArch(D, List.of(), 5, name -> null).forward(dense, unused))
        .isSameAs(dense);
  }

  @Test
  void docstringOfOverArch() {
    float[] weight = random(10, 1);
    float[] bias = {0.25f};
    OverArch overArch =
        new OverArch(10, Map.of("model.0.weight", weight, "model.0.bias", bias)::get);
    float[] input = random(B * 10, 2);

    INDArray scores = overArch.forward(matrix(input, B, 10));

    float[] logits = new float[B];
    float[] probabilities = new float[B];
    for (int b = 0; b < B; b++) {
      double logit = linear(input, b, 10, weight, bias, 0);
      logits[b] = (float) logit;
      probabilities[b] = (float) (1 / (1 + Math.exp(-logit)));
    }
    assertThat(scores.shape()).containsExactly(B, 1);
    GoldenTolerance.assertClose("scores", scores, probabilities);
    GoldenTolerance.assertClose("logits", overArch.forwardLogits(matrix(input, B, 10)), logits);
  }

  @Test
  void docstringOfSimpleDeepFmnnAsPrintedLacksBagsForOneFeature() {
    int d = 8;
    EmbeddingBagCollection collection =
        new EmbeddingBagCollection(
            List.of(
                new EmbeddingBagConfig("t1", 100, d, List.of("f1", "f3")),
                new EmbeddingBagConfig("t2", 100, d, List.of("f2"))),
            false,
            List.of(
                ArrayTable.byRule(100, d, DataType.FP32),
                ArrayTable.byRule(100, d, DataType.FP32)));
    Map<String, Integer> sizes =
        Map.of(
            "dense_arch.model.0.weight",
            20 * 100,
            "dense_arch.model.0.bias",
            20,
            "dense_arch.model.2.weight",
            d * 20,
            "dense_arch.model.2.bias",
            d,
            "inter_arch.deep_fm.dense_module.0.weight",
            5 * 4 * d,
            "inter_arch.deep_fm.dense_module.0.bias",
            5,
            "over_arch.model.0.weight",
            d + 5 + 1,
            "over_arch.model.0.bias",
            1);
    Function<String, float[]> parameters = name -> random(sizes.get(name), 1);
    SimpleDeepFMNN model = new SimpleDeepFMNN(100, collection, 20, 5, parameters);
    INDArray features = matrix(random(2 * 100, 2), 2, 100);

    // The runnable form of the example is the golden case docstring_deepfm.
    assertThatThrownBy(
            () ->
                model.forward(
                    features,
                    KeyedJaggedTensor.fromOffsetsSync(
                        List.of("f1", "f3"),
                        new long[] {1, 2, 4, 5, 4, 3, 2, 9},
                        new int[] {0, 2, 4, 6, 8})))
        .hasMessage("expected one of the keys [f1, f3], got f2");
    INDArray scores =
        model.forward(
            features,
            KeyedJaggedTensor.fromOffsetsSync(
                List.of("f1", "f3", "f2"),
                new long[] {1, 2, 4, 5, 4, 3, 2, 9, 1, 1, 1, 1},
                new int[] {0, 2, 4, 6, 8, 10, 12}));
    assertThat(scores.shape()).containsExactly(2, 1);
  }

  @Test
  void aMissingOrMisshapenParameterIsNamed() {
    assertThatThrownBy(() -> new DenseArch(2, 3, 4, name -> null))
        .hasMessage("model.0.weight: expected 6 floats, got none");
    assertThatThrownBy(() -> new DenseArch(2, 3, 4, name -> new float[6]))
        .hasMessage("model.0.bias: expected 3 floats, got 6");
    assertThatThrownBy(() -> new DenseArch(0, 3, 4, name -> new float[6]))
        .hasMessage("model.0: expected sizes above 0, got in 0 and out 3");
  }
}
