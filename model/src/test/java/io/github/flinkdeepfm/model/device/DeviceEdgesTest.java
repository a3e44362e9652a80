package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.checkpoint.ModelConfig;
import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.kernel.HostDeepFm;
import io.github.flinkdeepfm.model.kernel.RandomModel;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.modules.EmbeddingBagConfig;
import io.github.flinkdeepfm.model.modules.EmbeddingTable;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The smallest and the largest of everything. */
class DeviceEdgesTest {

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 0, 1", "1, 1, 200", "7, 1, 200", "1, 17, 1", "2, 0, 200"})
  void fewRowsAndOneOrManyFeatures(int batch, int ids, int features) {
    RandomModel model = new RandomModel(2, features, 4, 5, 6, 9, false, 1);
    assertAgree(model.config, model, model.tables, model.dense(batch), model.bags(batch, ids, ids));
  }

  @Test
  void aBatchOfNoRows() {
    RandomModel model = new RandomModel(2, 3, 4, 5, 6, 9, false, 1);
    KeyedJaggedTensor none =
        KeyedJaggedTensor.ofTrusted(model.config.featureNames(), new long[0], new int[1], null);
    try (DeviceDeepFm loaded = TestDevice.load(TestDevice.unlimited(), model);
        DeviceScorer scorer = loaded.newScorer()) {
      scorer.score(new float[0], none, new float[0]);
      assertThat(scorer.transferred().crossings()).isZero();
      assertThat(scorer.forward(new float[0], none).logits()).isEmpty();
    }
  }

  @Test
  void theLastRowOfEachTable() {
    List<DataType> types = List.of(DataType.FP32, DataType.FP16, DataType.BF16);
    RandomModel model = new RandomModel(2, 6, 4, 5, 6, 9, false, 1, types);
    for (int length : new int[] {1, 3, 20}) {
      long[] values = new long[6 * length];
      Arrays.fill(values, 8);
      int[] offsets = new int[7];
      Arrays.setAll(offsets, i -> i * length);
      KeyedJaggedTensor last =
          KeyedJaggedTensor.ofTrusted(model.config.featureNames(), values, offsets, null);
      assertAgree(model.config, model, model.tables, model.dense(1), last);
    }
  }

  @Test
  void aFeatureOfTwoTablesOfDifferentSizes() {
    RandomModel large = new RandomModel(2, 2, 4, 5, 6, 100, false, 1);
    RandomModel small = new RandomModel(2, 2, 4, 5, 6, 3, false, 2);
    EmbeddingBagConfig first = small.config.tables().get(0);
    EmbeddingBagConfig second = large.config.tables().get(1);
    ModelConfig config =
        new ModelConfig(
            ModelConfig.Kind.SIMPLE_DEEP_FM_NN,
            2,
            5,
            6,
            false,
            List.of(
                first,
                new EmbeddingBagConfig(
                    second.name(),
                    second.numEmbeddings(),
                    second.embeddingDim(),
                    first.featureNames(),
                    second.pooling(),
                    second.dataType())));
    KeyedJaggedTensor kjt =
        KeyedJaggedTensor.ofTrusted(
            first.featureNames(), new long[] {2, 1, 0}, new int[] {0, 1, 3}, null);
    assertAgree(
        config, large, List.of(small.tables.get(0), large.tables.get(1)), large.dense(2), kjt);
  }

  @Test
  void tablesOfMoreRowsThanAStackHasAreRefusedWithTheNumbers() {
    RandomModel model = new RandomModel(2, 1, 4, 5, 6, 9, false, 1);
    List<EmbeddingTable> huge = new ArrayList<>();
    huge.add(
        new EmbeddingTable() {
          @Override
          public long rows() {
            return 1L << 31;
          }

          @Override
          public int dim() {
            return 4;
          }

          @Override
          public DataType dataType() {
            return DataType.FP32;
          }

          @Override
          public int touch(long[] ids, int from, int to) {
            return 0;
          }

          @Override
          public void readRow(long id, float[] out, int offset) {
            throw new AssertionError("read before it was refused");
          }
        });
    assertThatThrownBy(
            () ->
                new DeviceDeepFm(
                    TestDevice.unlimited(),
                    model.config,
                    model.parameters::get,
                    huge,
                    Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("device 0: expected at most 2147483647 rows in the tables");
  }

  @Test
  void aDeviceThatIsLostIsNamedWhereverItIsNoticed() {
    RandomModel model = new RandomModel(2, 3, 4, 5, 6, 9, false, 1);
    AtomicBoolean lost = new AtomicBoolean();
    OpExecutor executor =
        new OpExecutor() {
          @Override
          public void execute(org.nd4j.linalg.api.ops.CustomOp op) {
            OpExecutor.ND4J.execute(op);
          }

          @Override
          public void await() {
            if (lost.get()) {
              throw new IllegalStateException("CUDA error 719");
            }
            OpExecutor.ND4J.await();
          }
        };
    Device device = TestDevice.unlimited().with(executor);
    try (DeviceDeepFm loaded = TestDevice.load(device, model)) {
      try (DeviceScorer scorer = loaded.newScorer()) {
        lost.set(true);
        assertThatThrownBy(() -> scorer.score(model.dense(2), model.bags(2, 1, 1), new float[2]))
            .isInstanceOf(DeviceFailureException.class)
            .hasMessageContaining("device 0: waiting")
            .hasMessageContaining("CUDA error 719");
        lost.set(false);
      }
      lost.set(true);
      assertThatThrownBy(() -> TestDevice.load(device, model))
          .isInstanceOf(DeviceFailureException.class)
          .hasMessageContaining("device 0: waiting");
    }
    assertThat(device.memory().used()).isZero();
  }

  @Test
  void memoryThatRunsOutWhileScoringIsNamedAndGivenBack() {
    RandomModel model = new RandomModel(2, 3, 4, 5, 6, 9, false, 1);
    Device device = TestDevice.ofBudget(400_000);
    try (DeviceDeepFm loaded = TestDevice.load(device, model)) {
      long before = device.memory().used();
      try (DeviceScorer scorer = loaded.newScorer()) {
        assertThatThrownBy(
                () -> scorer.score(model.dense(9000), model.bags(9000, 1, 1), new float[9000]))
            .isInstanceOf(DeviceMemoryException.class)
            .hasMessageContaining("buffers of 12288 rows");
        scorer.score(model.dense(9), model.bags(9, 1, 1), new float[9]);
      }
      assertThat(device.memory().used()).isEqualTo(before);
    }
  }

  @Test
  void theCpuStandsForADeviceOnlyWhereThatIsAskedFor() {
    assertThat(System.getProperty(Device.BUDGET_PROPERTY)).isNull();
    assertThat(Device.chosenBy(DeviceMode.AUTO, 0)).isEmpty();
    assertThatThrownBy(() -> Device.chosenBy(DeviceMode.DEVICE, 0))
        .isInstanceOf(NoDeviceException.class)
        .hasMessageStartingWith("expected a backend with GPUs (-Pcuda), got CpuBackend");
  }

  private static void assertAgree(
      ModelConfig config,
      RandomModel model,
      List<EmbeddingTable> tables,
      float[] dense,
      KeyedJaggedTensor kjt) {
    float[] expected = new float[kjt.stride()];
    float[] got = new float[kjt.stride()];
    try (HostDeepFm host = new HostDeepFm(config, model.parameters::get, tables);
        DeepFmScorer hostScorer = host.newScorer();
        DeviceDeepFm loaded =
            new DeviceDeepFm(
                TestDevice.unlimited(), config, model.parameters::get, tables, Optional.empty());
        DeviceScorer scorer = loaded.newScorer()) {
      hostScorer.score(dense, kjt, expected);
      scorer.score(dense, kjt, got);
    }
    for (int row = 0; row < got.length; row++) {
      assertThat(got[row]).isCloseTo(expected[row], within(1e-3f * Math.max(1, expected[row])));
    }
  }
}
