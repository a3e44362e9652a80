package io.github.flinkdeepfm.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.flinkdeepfm.model.kernel.DeepFmScorer;
import io.github.flinkdeepfm.model.serving.ServingModel;
import io.github.flinkdeepfm.model.sparse.KeyedJaggedTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions beside each other on one device: what they share, what they cost, what is refused. */
class DeviceRefreshTest {
  private static final int BATCH = 300;
  private static final int DIM = VersionChain.DIM;

  @TempDir Path root;

  @Test
  void aDeltaCostsItsChangedRowsAndBothVersionsScore() throws IOException {
    VersionChain chain = new VersionChain(root, 2000);
    Path full = chain.lastDirectory();
    Path delta = chain.delta(50);
    Device device = TestDevice.unlimited();
    try (ServingModel active = VersionChain.open(full, Optional.empty(), device)) {
      long before = device.memory().used();
      long spare = active.onDevice().orElseThrow().spareRows();
      assertSameAsHost(chain, full, active);
      try (ServingModel next = VersionChain.open(delta, Optional.of(active), device)) {
        long denseParameters = 4L * (2 * 4 + 4 + 4 * DIM + DIM + 4 * DIM * 5 + 5 + DIM + 5 + 1 + 1);
        assertThat(device.memory().used() - before).isEqualTo(denseParameters);
        assertThat(next.onDevice().orElseThrow().spareRows()).isEqualTo(spare - 2 * 50);
        long padded = 64; // 50 rows, as arrays come in sizes of 48, 64 …
        TransferCounts loaded = next.onDevice().orElseThrow().loaded();
        assertThat(loaded.bytesIn())
            .isEqualTo(denseParameters + 2 * padded * (DIM * Float.BYTES + Long.BYTES));
        assertThat(loaded.bytesOut()).isZero();
        assertSameAsHost(chain, delta, next);
        assertSameAsHost(chain, full, active);
      }
      assertThat(device.memory().used()).isEqualTo(before);
      assertThat(active.onDevice().orElseThrow().spareRows()).isEqualTo(spare);
      assertSameAsHost(chain, full, active);
    }
    assertThat(device.memory().used()).isZero();
  }

  @Test
  void aVersionOutlivesTheOneThatItSharesRowsWith() throws IOException {
    VersionChain chain = new VersionChain(root, 300);
    Device device = TestDevice.unlimited();
    ServingModel active = VersionChain.open(chain.lastDirectory(), Optional.empty(), device);
    for (int i = 0; i < 8; i++) {
      Path delta = chain.delta(5);
      ServingModel next = VersionChain.open(delta, Optional.of(active), device);
      active.close();
      active = next;
      assertSameAsHost(chain, delta, active);
    }
    active.close();
    assertThat(device.memory().used()).isZero();
  }

  @Test
  void tablesAreLoadedAnewWhenTheSpareRowsAreUsedUp() throws IOException {
    VersionChain chain = new VersionChain(root, 400);
    Device device = TestDevice.unlimited();
    try (ServingModel active = VersionChain.open(chain.lastDirectory(), Optional.empty(), device)) {
      long before = device.memory().used();
      Path delta = chain.delta(200);
      try (ServingModel next = VersionChain.open(delta, Optional.of(active), device)) {
        assertThat(device.memory().used()).isGreaterThan(before + 400L * DIM * 6);
        assertSameAsHost(chain, delta, next);
        Path further = chain.delta(20);
        long beside = device.memory().used();
        try (ServingModel third = VersionChain.open(further, Optional.of(next), device)) {
          assertThat(device.memory().used() - beside).isLessThan(2_000);
          assertSameAsHost(chain, further, third);
        }
      }
    }
    assertThat(device.memory().used()).isZero();
  }

  @Test
  void aVersionThatDoesNotFitIsRefusedWithBytesNeededAndFree() throws IOException {
    VersionChain chain = new VersionChain(root, 1000);
    Path full = chain.lastDirectory();
    Path delta = chain.delta(20);
    Path another = chain.full();
    long oneStack = (1 + 1000 + 16 + 125L) * DIM * 6;
    Device device = TestDevice.ofBudget(2 * oneStack + 2_000_000);
    try (ServingModel active = VersionChain.open(full, Optional.empty(), device)) {
      long used = device.memory().used();
      List<String> operations = TestDevice.newLog();
      Device tight = TestDevice.recording(TestDevice.ofBudget(oneStack), operations);
      assertThatThrownBy(() -> VersionChain.open(another, Optional.of(active), tight))
          .isInstanceOfSatisfying(
              DeviceMemoryException.class,
              e -> {
                assertThat(e.freeBytes()).isEqualTo(oneStack);
                assertThat(e)
                    .hasMessage(
                        "device 0: a model version: expected "
                            + e.neededBytes()
                            + " bytes of free memory, got "
                            + oneStack);
                assertFitsExactly(another, e.neededBytes());
              });
      assertThat(operations).isEmpty();
      assertThat(tight.memory().used()).isZero();
      try (ServingModel next = VersionChain.open(delta, Optional.of(active), device)) {
        assertSameAsHost(chain, delta, next);
      }
      assertThat(device.memory().used()).isEqualTo(used);
      assertSameAsHost(chain, full, active);
    }
  }

  /** A version with this need opens where so much is free, and nothing is begun with less. */
  private static void assertFitsExactly(Path directory, long needed) {
    VersionChain.open(directory, Optional.empty(), TestDevice.ofBudget(needed)).close();
    List<String> operations = TestDevice.newLog();
    Device less = TestDevice.recording(TestDevice.ofBudget(needed - 1), operations);
    assertThatThrownBy(() -> VersionChain.open(directory, Optional.empty(), less))
        .isInstanceOf(DeviceMemoryException.class);
    assertThat(operations).isEmpty();
  }

  @Test
  void aDeviceThatFailsWhileAVersionIsBroughtInLeavesNothingBehind() throws IOException {
    VersionChain chain = new VersionChain(root, 100);
    Path full = chain.lastDirectory();
    Path delta = chain.delta(20);
    Device device = TestDevice.unlimited();
    try (ServingModel active = VersionChain.open(full, Optional.empty(), device)) {
      long used = device.memory().used();
      long spare = active.onDevice().orElseThrow().spareRows();
      for (String failing : new String[] {"scatter_upd", "gather_nd", "xw_plus_b"}) {
        Device lost =
            device.with(
                op -> {
                  if (op.opName().equals(failing)) {
                    throw new IllegalStateException("CUDA error 719");
                  }
                  OpExecutor.ND4J.execute(op);
                });
        assertThatThrownBy(() -> VersionChain.open(full, Optional.empty(), lost))
            .isInstanceOf(DeviceFailureException.class)
            .hasMessageContaining("device 0: operation " + failing)
            .hasMessageContaining("CUDA error 719");
      }
      assertThat(device.memory().used()).isEqualTo(used);
      assertThat(active.onDevice().orElseThrow().spareRows()).isEqualTo(spare);
      try (ServingModel next = VersionChain.open(delta, Optional.of(active), device)) {
        assertSameAsHost(chain, delta, next);
      }
    }
  }

  @Test
  void memoryIsFlatOverOpeningsAndDeltas() throws IOException {
    int rows = 40_000;
    VersionChain chain = new VersionChain(root, rows);
    Path full = chain.lastDirectory();
    Device device = TestDevice.unlimited();
    float[] logits = new float[BATCH];
    float[] dense = chain.dense(BATCH);
    KeyedJaggedTensor kjt = chain.everyRow(BATCH);
    long settled = 0;
    for (int i = 0; i < 50; i++) {
      try (ServingModel model = VersionChain.open(full, Optional.empty(), device);
          DeepFmScorer scorer = model.newScorer()) {
        scorer.score(dense, kjt, logits);
      }
      assertThat(device.memory().used()).isZero();
      settled = i == 10 ? TestDevice.residentBytes() : settled;
    }
    // Forty versions' stacks and scorers would be 1,200 MB; the Java heap moves by some 100.
    assertThat(TestDevice.residentBytes() - settled).isLessThan(200L << 20);

    Deque<ServingModel> open = new ArrayDeque<>();
    open.add(VersionChain.open(full, Optional.empty(), device));
    long oneVersion = device.memory().used();
    long spare = open.getFirst().onDevice().orElseThrow().spareRows();
    for (int i = 1; i <= 50; i++) {
      if (i % 13 == 0) {
        open.add(VersionChain.open(chain.full(), Optional.of(open.getLast()), device));
      } else {
        open.add(VersionChain.open(chain.delta(100), Optional.of(open.getLast()), device));
      }
      open.removeFirst().close();
      assertThat(device.memory().used()).isEqualTo(oneVersion);
    }
    assertThat(open.getLast().onDevice().orElseThrow().spareRows())
        .isEqualTo(spare - 2 * 100 * (50 % 13));
    open.removeFirst().close();
    assertThat(device.memory().used()).isZero();
  }

  private static void assertSameAsHost(VersionChain chain, Path directory, ServingModel model) {
    float[] dense = chain.dense(BATCH);
    KeyedJaggedTensor kjt = chain.everyRow(BATCH);
    float[] expected = new float[BATCH];
    float[] got = new float[BATCH];
    try (ServingModel host = VersionChain.openOnHost(directory);
        DeepFmScorer hostScorer = host.newScorer();
        DeepFmScorer scorer = model.newScorer()) {
      hostScorer.score(dense, kjt, expected);
      scorer.score(dense, kjt, got);
    }
    for (int row = 0; row < BATCH; row++) {
      assertThat(got[row]).isCloseTo(expected[row], within(1e-3f * Math.max(1, expected[row])));
    }
  }
}
