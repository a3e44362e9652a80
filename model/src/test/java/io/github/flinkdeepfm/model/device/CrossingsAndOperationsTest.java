package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.flinkdeepfm.model.kernel.RandomModel;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.profiler.OpProfiler;

/** What one micro-batch costs beside arithmetic, whatever the number of features. */
class CrossingsAndOperationsTest {
  private static final int BATCH = 256;

  private record Cost(TransferCounts transfer, long operations) {}

  @ParameterizedTest
  @ValueSource(ints = {4, 26, 200})
  void atMostFourCrossingsAndTwentyFiveOperations(int f) {
    List<DataType> plain = List.of(DataType.FP32);
    List<DataType> all = List.of(DataType.FP32, DataType.FP16, DataType.BF16, DataType.FP16);
    Cost one = measure("one id a bag", f, plain, 1, 1);
    Cost ragged = measure("0 to 5 ids a bag", f, plain, 0, 5);
    Cost worst = measure("all types, long bags", f, all, 0, 600);
    assertThat(one.operations()).isEqualTo(11);
    assertThat(one.transfer().crossings()).isEqualTo(3);
    assertThat(ragged.operations()).isEqualTo(14);
    assertThat(ragged.transfer().crossings()).isEqualTo(4);
    assertThat(worst.operations()).isLessThanOrEqualTo(25);
    assertThat(worst.transfer().crossings()).isEqualTo(4);
    long padded = BATCH * 4L;
    assertThat(one.transfer().bytesOut()).isEqualTo(padded);
    assertThat(one.transfer().bytesIn()).isEqualTo(BATCH * 13 * 4L + BATCH * (f + 1L) * Long.BYTES);
  }

  private static Cost measure(String what, int f, List<DataType> types, int fewest, int most) {
    int batch = most > 100 ? 8 : BATCH;
    RandomModel model = new RandomModel(13, f, 4, 8, 8, 30, false, f, types);
    List<String> operations = TestDevice.newLog();
    Device device = TestDevice.recording(TestDevice.unlimited(), operations);
    float[] dense = model.dense(batch);
    KeyedJaggedTensor kjt = model.bags(batch, fewest, most);
    try (DeviceDeepFm loaded = TestDevice.load(device, model);
        DeviceScorer scorer = loaded.newScorer()) {
      float[] logits = new float[batch];
      scorer.score(dense, kjt, logits);
      operations.clear();
      TransferCounts before = scorer.transferred();
      Nd4j.getExecutioner().setProfilingMode(OpExecutioner.ProfilingMode.OPERATIONS);
      OpProfiler.getInstance().reset();
      long counted;
      try {
        scorer.score(dense, kjt, logits);
        counted = OpProfiler.getInstance().getInvocationsCount();
      } finally {
        Nd4j.getExecutioner().setProfilingMode(OpExecutioner.ProfilingMode.DISABLED);
      }
      TransferCounts transfer = scorer.transferred().since(before);
      System.out.printf(
          "F=%d B=%d, %s: %d crossings, %d bytes in, %d bytes out, %d operations %s%n",
          f,
          batch,
          what,
          transfer.crossings(),
          transfer.bytesIn(),
          transfer.bytesOut(),
          counted,
          operations);
      assertThat(counted).as("ND4J's own count").isEqualTo(operations.size());
      return new Cost(transfer, counted);
    }
  }
}
