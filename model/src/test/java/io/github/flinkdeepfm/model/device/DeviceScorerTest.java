package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.flinkdeepfm.model.GoldenCase;
import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.deepfm.GoldenTolerance;
import io.github.flinkdeepfm.model.kernel.Activations;
import io.github.flinkdeepfm.model.kernel.BlasSetup;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.kernel.RandomModel;
import io.github.flinkdeepfm.model.kernel.ReferenceDeepFm;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DeviceScorerTest {
  static {
    BlasSetup.ensure(); // Before anything else loads ND4J, or it has other kernels.
  }

  private static final DataType[][] TYPES = {
    {DataType.FP32},
    {DataType.FP16},
    {DataType.BF16},
    {DataType.FP16, DataType.FP32},
    {DataType.FP32, DataType.BF16, DataType.FP16},
  };

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docstring_deepfm",
        "criteo_like",
        "weighted",
        "fp16",
        "key_order_b1",
        "key_order_extra"
      })
  void everyStageOnTheDeviceEqualsTorchRec(String name) {
    GoldenCase golden = new GoldenCase(name);
    float[] dense = golden.denseFeatures().data().asFloat();
    Activations got;
    try (DeviceDeepFm model =
            new DeviceDeepFm(
                TestDevice.unlimited(),
                golden.config(),
                golden::parameter,
                golden.tables(),
                Optional.empty());
        DeviceScorer scorer = model.newScorer()) {
      got = scorer.forward(dense, golden.sparseFeatures());
    }
    INDArray embedded = array(golden, "embedded_dense", got.embeddedDense());
    INDArray sparse = array(golden, "embedded_sparse", got.embeddedSparse());
    assertClose(golden, "embedded_dense", embedded);
    assertClose(golden, "embedded_sparse", sparse);
    GoldenTolerance.assertInteractionClose(
        array(golden, "interaction", got.interaction()),
        golden.expected().get("interaction").floats(),
        Nd4j.concat(1, embedded, sparse));
    assertClose(golden, "logits", array(golden, "logits", got.logits()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"docstring_ebc", "shared_feature_ebc"})
  void everyPooledFeatureOfACollectionEqualsTorchRec(String name) {
    GoldenCase golden = new GoldenCase(name);
    for (int t = 0; t < golden.config().tables().size(); t++) {
      EmbeddingBagConfig table = golden.config().tables().get(t);
      RandomModel layers =
          new RandomModel(2, table.featureNames().size(), table.embeddingDim(), 3, 4, 2, false, 1);
      ModelConfig config =
          new ModelConfig(
              ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
              2,
              3,
              4,
              golden.config().isWeighted(),
              List.of(table));
      KeyedJaggedTensor kjt = golden.sparseFeatures();
      try (DeviceDeepFm model =
              new DeviceDeepFm(
                  TestDevice.unlimited(),
                  config,
                  layers.parameters::get,
                  List.of(golden.tables().get(t)),
                  Optional.empty());
          DeviceScorer scorer = model.newScorer()) {
        float[] pooled = scorer.forward(new float[2 * kjt.stride()], kjt).embeddedSparse();
        int d = table.embeddingDim();
        for (int f = 0; f < table.featureNames().size(); f++) {
          String feature = table.featureNames().get(f);
          String key = "pooled." + feature + "@" + table.name();
          if (!golden.expected().containsKey(key)) {
            key = "pooled." + feature;
          }
          float[] column = new float[kjt.stride() * d];
          for (int b = 0; b < kjt.stride(); b++) {
            System.arraycopy(pooled, (b * table.featureNames().size() + f) * d, column, b * d, d);
          }
          GoldenTolerance.assertClose(
              key, Nd4j.createFromArray(column), golden.expected().get(key).floats());
        }
      }
    }
  }

  @Property(tries = 60)
  void deviceAndHostAgreeOnRandomModels(
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll @IntRange(min = 1, max = 9) int f,
      @ForAll @IntRange(min = 1, max = 20) int d,
      @ForAll @IntRange(min = 1, max = 33) int h,
      @ForAll @IntRange(min = 1, max = 33) int di,
      @ForAll @IntRange(min = 1, max = 300) int batch,
      @ForAll @IntRange(min = 0, max = 4) int types,
      @ForAll @IntRange(min = 1, max = 3) int bags,
      @ForAll boolean wantsWeights) {
    List<DataType> dataTypes = List.of(TYPES[types]);
    boolean weighted = wantsWeights && !dataTypes.contains(DataType.FP16);
    RandomModel model = new RandomModel(n, f, d, h, di, 50, weighted, n + 31L * batch, dataTypes);
    int longest = new int[] {1, 9, 150}[bags - 1];
    assertAgree(model, batch, bags == 1 ? 1 : 0, longest);
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "8, 8", "9, 9", "128, 128", "129, 129", "5000, 5000", "70000, 70000"})
  void bagsOfAnyLengthAreSummed(int longest, int shortest) {
    RandomModel model =
        new RandomModel(
            2, 3, 4, 5, 6, 50, false, 7, List.of(DataType.FP32, DataType.FP16, DataType.BF16));
    assertAgree(model, 2, shortest, longest);
  }

  private static void assertAgree(RandomModel model, int batch, int fewest, int most) {
    float[] dense = model.dense(batch);
    KeyedJaggedTensor kjt = model.bags(batch, fewest, most);
    float[] expected = new float[batch];
    float[] got = new float[batch];
    try (HostDeepFm host = model.host();
        DeepFmScorer hostScorer = host.newScorer();
        DeviceDeepFm device = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = device.newScorer()) {
      hostScorer.score(dense, kjt, expected);
      scorer.score(dense, kjt, got);
    }
    ReferenceDeepFm reference = new ReferenceDeepFm(model);
    // A sum near the middle of two halves may round to either: one unit of f16 in one element.
    boolean half = model.config.tables().stream().anyMatch(t -> t.dataType() == DataType.FP16);
    for (int row = 0; row < batch; row++) {
      double scale = reference.score(dense, kjt, row).scale();
      assertThat((double) got[row])
          .as("row %d of %d", row, batch)
          .isCloseTo(expected[row], within((half ? 2e-3 : 2e-5) * scale));
    }
  }

  @Test
  void anyRangeOfRowsHasTheSameBits() {
    RandomModel model =
        new RandomModel(13, 7, 16, 64, 64, 500, false, 3, List.of(DataType.FP32, DataType.FP16));
    RandomModel single = new RandomModel(13, 26, 16, 64, 64, 500, true, 3);
    assertRangesAlike(model, 600, 0, 20);
    assertRangesAlike(single, 600, 0, 3);
    assertRangesAlike(single, 600, 1, 1);
  }

  private static void assertRangesAlike(RandomModel model, int events, int fewest, int most) {
    float[] dense = model.dense(events);
    KeyedJaggedTensor kjt = model.bags(events, fewest, most);
    int n = model.config.numDenseFeatures();
    float[] expected = new float[events];
    Random random = new Random(5);
    try (DeviceDeepFm device = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = device.newScorer()) {
      // Without AVX-512, OpenBLAS rounds by a row's place: then the fingerprint says so.
      assumeThat(device.numerics()).matches(".*/device/rows=\\d+");
      scorer.score(dense, kjt, expected);
      for (int i = 0; i < 60; i++) {
        int size = i < 5 ? i + 1 : 1 + random.nextInt(1 << (1 + random.nextInt(9)));
        int from = random.nextInt(events - size + 1);
        float[] logits = new float[size];
        scorer.score(
            Arrays.copyOfRange(dense, from * n, (from + size) * n),
            RandomModel.slice(kjt, from, from + size),
            logits);
        assertThat(logits)
            .as("%d rows from %d", size, from)
            .isEqualTo(Arrays.copyOfRange(expected, from, from + size));
      }
    }
  }

  @Test
  void aBatchIsPutTogetherWhileTheOneBeforeIsUnderWay() {
    RandomModel model = new RandomModel(3, 4, 8, 16, 8, 40, false, 3);
    float[] first = model.dense(150);
    float[] second = model.dense(100);
    KeyedJaggedTensor firstBags = model.bags(150, 0, 3);
    KeyedJaggedTensor secondBags = model.bags(100, 1, 1);
    float[] one = new float[150];
    float[] two = new float[100];
    try (DeviceDeepFm device = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = device.newScorer()) {
      scorer.score(first, firstBags, one);
      scorer.score(second, secondBags, two);
      float[] got = new float[150];
      scorer.submit(first, firstBags);
      scorer.submit(second, secondBags);
      assertThatThrownBy(() -> scorer.submit(first, firstBags))
          .hasMessageContaining("expected at most 2 batches under way");
      scorer.collect(got);
      assertThat(got).isEqualTo(one);
      scorer.collect(got);
      assertThat(Arrays.copyOf(got, 100)).isEqualTo(two);
    }
  }

  @Test
  void aNaNRowLeavesItsNeighboursAlone() {
    RandomModel model = new RandomModel(2, 2, 4, 5, 6, 10, false, 9);
    float[] dense = model.dense(3);
    KeyedJaggedTensor kjt = model.bags(3, 1, 2);
    try (DeviceDeepFm device = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = device.newScorer()) {
      float[] clean = new float[3];
      scorer.score(dense, kjt, clean);
      dense[2] = Float.NaN;
      float[] logits = new float[3];
      scorer.score(dense, kjt, logits);
      assertThat(logits[1]).isNaN();
      assertThat(new float[] {logits[0], logits[2]}).isEqualTo(new float[] {clean[0], clean[2]});
    }
  }

  @Test
  void namesTheShapeThatDoesNotFit() {
    RandomModel model = new RandomModel(2, 2, 4, 5, 6, 10, false, 9);
    try (DeviceDeepFm device = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = device.newScorer()) {
      KeyedJaggedTensor kjt = model.bags(3, 1, 2);
      assertThatThrownBy(() -> scorer.score(new float[5], kjt, new float[3]))
          .hasMessageContaining("expected dense [3, 2]")
          .hasMessageContaining("got 5 floats");
      assertThatThrownBy(() -> scorer.score(new float[6], kjt, new float[2]))
          .hasMessageContaining("expected room for 3 logits, got 2");
      KeyedJaggedTensor other =
          KeyedJaggedTensor.ofTrusted(List.of("C0"), new long[0], new int[4], null);
      assertThatThrownBy(() -> scorer.score(new float[6], other, new float[3]))
          .hasMessageContaining("expected key C1 of table t1, got keys [C0]");
      for (long id : new long[] {10, -1, 1L << 32}) {
        KeyedJaggedTensor far =
            KeyedJaggedTensor.ofTrusted(
                List.of("C0", "C1"), new long[] {id}, new int[] {0, 1, 1}, null);
        assertThatThrownBy(() -> scorer.score(new float[2], far, new float[1]))
            .isInstanceOf(IndexOutOfBoundsException.class)
            .hasMessageContaining("table t0, feature C0: expected 0 <= id < 10, got " + id);
      }
    }
  }

  private static INDArray array(GoldenCase golden, String tensor, float[] values) {
    return Nd4j.create(values, golden.expected().get(tensor).shape(), 'c');
  }

  private static void assertClose(GoldenCase golden, String tensor, INDArray got) {
    GoldenTolerance.assertClose(tensor, got, golden.expected().get(tensor).floats());
  }
}
