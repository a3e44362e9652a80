package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.kernel.RandomModel;
import io.github.flinkdeepfm.model.modules.DataType;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The next batch is put together while nothing of the one before has run on the device. */
class DoubleBufferTest {
  private final RandomModel model =
      new RandomModel(3, 4, 8, 16, 8, 40, false, 3, List.of(DataType.FP32, DataType.FP16));
  private final DeferringExecutor operations = new DeferringExecutor();
  private final Device device = TestDevice.unlimited().with(operations);
  private final DeviceDeepFm loaded = TestDevice.load(device, model);
  private final DeviceScorer scorer = loaded.newScorer();

  /** A batch and its logits when it is scored alone. */
  private record Case(float[] dense, KeyedJaggedTensor kjt, float[] logits) {}

  @AfterEach
  void close() {
    scorer.close();
    loaded.close();
    assertThat(device.memory().used()).isZero();
  }

  private Case batch(int rows, int fewest, int most) {
    Case batch = new Case(model.dense(rows), model.bags(rows, fewest, most), new float[rows]);
    try (DeviceScorer alone = loaded.newScorer()) {
      alone.score(batch.dense(), batch.kjt(), batch.logits());
    }
    return batch;
  }

  private void assertNextIs(Case batch) {
    float[] got = new float[batch.logits().length];
    scorer.collect(got);
    assertThat(got).isEqualTo(batch.logits());
  }

  /** Submits a copy that is overwritten at once. */
  private void submit(Case batch) {
    float[] dense = batch.dense().clone();
    long[] values = batch.kjt().values().clone();
    scorer.submit(
        dense,
        KeyedJaggedTensor.ofTrusted(batch.kjt().keys(), values, batch.kjt().offsets(), null));
    Arrays.fill(dense, Float.NaN);
    Arrays.fill(values, 0);
  }

  @Test
  void inputsOfTheBatchUnderWayAreNotTouched() {
    List<Case> batches =
        List.of(batch(150, 0, 30), batch(150, 0, 30), batch(120, 1, 1), batch(150, 0, 30));
    batches.forEach(
        batch -> scorer.score(batch.dense(), batch.kjt(), new float[batch.logits().length]));
    submit(batches.get(0));
    int first = operations.size();
    for (int i = 1; i < batches.size(); i++) {
      submit(batches.get(i));
      assertThat(operations.size()).isGreaterThan(i == 1 ? first : 0);
      assertNextIs(batches.get(i - 1));
    }
    assertNextIs(batches.get(batches.size() - 1));
  }

  @Test
  void aBatchThatNeedsMoreRoomWaitsForTheOneUnderWay() {
    Case small = batch(100, 2, 3);
    Case large = batch(500, 100, 300);
    submit(small);
    submit(large);
    assertNextIs(small);
    assertNextIs(large);
  }

  @Test
  void aBatchThatIsRefusedLeavesTheOneUnderWayAlone() {
    Case good = batch(100, 2, 3);
    submit(good);
    KeyedJaggedTensor far =
        KeyedJaggedTensor.ofTrusted(
            good.kjt().keys(), new long[] {40}, new int[] {0, 1, 1, 1, 1}, null);
    assertThatThrownBy(() -> scorer.submit(new float[3], far))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> scorer.collect(new float[99]))
        .hasMessageContaining("expected room for 100 logits, got 99");
    assertNextIs(good);
    assertThatThrownBy(() -> scorer.collect(new float[100]))
        .isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void scoringAloneNeedsThatNothingIsUnderWay() {
    Case batch = batch(10, 1, 1);
    submit(batch);
    assertThatThrownBy(() -> scorer.score(batch.dense(), batch.kjt(), new float[10]))
        .hasMessage("expected no batch under way, got 1 to be collected first");
    submit(batch);
    assertThatThrownBy(() -> submit(batch))
        .hasMessageContaining("expected at most 2 batches under way");
    assertNextIs(batch);
    assertNextIs(batch);
  }
}
