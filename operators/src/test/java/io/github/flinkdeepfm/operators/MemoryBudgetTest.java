package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.flinkdeepfm.model.checkpoint.MemoryFootprint;
import io.github.flinkdeepfm.model.checkpoint.MemoryFootprint.MappedTensor;
import io.github.flinkdeepfm.operators.refresh.RefusalReason;
import io.github.flinkdeepfm.operators.refresh.RefusedVersionException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {
  private static final MappedTensor BASE = new MappedTensor(Path.of("/v1/t"), "t", 1_000);
  private static final MappedTensor ROWS = new MappedTensor(Path.of("/v2/d"), "d", 10);
  private static final MemoryFootprint FULL = new MemoryFootprint(Set.of(BASE), 100);
  private static final MemoryFootprint DELTA = new MemoryFootprint(Set.of(BASE, ROWS), 120);

  private long available = MemoryBudget.RESERVE + 1_100;
  private final MemoryBudget budget = new MemoryBudget(() -> available);

  private void assertRefused(MemoryFootprint footprint, long bound, long needed, long free) {
    assertThatThrownBy(() -> budget.claim("v2", footprint, bound))
        .hasMessageContaining(
            "version v2: expected %d bytes of memory free, got %d".formatted(needed, free))
        .extracting(e -> ((RefusedVersionException) e).reason())
        .isEqualTo(RefusalReason.NO_SPACE);
  }

  @Test
  void aBoundHoldsForAllLoadedVersionsTogether() {
    available = Long.MAX_VALUE / 2;
    assertRefused(FULL, 1_099, 1_100, 1_099);
    MemoryBudget.Claim full = budget.claim("v1", FULL, 1_100);
    assertRefused(new MemoryFootprint(Set.of(ROWS), 0), 1_109, 10, 9);
    full.close();
    full.close();
    budget.claim("v2", FULL, 1_100).close();
  }

  @Test
  void whatIsMappedAlreadyIsNotNeededAgainAndStaysUntilItsLastUserGoes() {
    available = Long.MAX_VALUE / 2;
    MemoryBudget.Claim full = budget.claim("v1", FULL, 1_230);
    assertRefused(DELTA, 1_229, 130, 129);
    MemoryBudget.Claim delta = budget.claim("v2", DELTA, 1_230);
    full.close();
    assertRefused(FULL, 1_229, 100, 99);
    delta.close();
    assertRefused(FULL, 1_099, 1_100, 1_099);
  }

  @Test
  void theMachineCountsMappedPagesAsAvailableAndPrivateOnesNot() {
    MemoryBudget.Claim full = budget.claim("v1", FULL, Long.MAX_VALUE);
    full.loaded();
    available = MemoryBudget.RESERVE + 1_000 + 129; // Its pages can be dropped; 129 are free.
    assertRefused(DELTA, Long.MAX_VALUE, 130, 129);
    available++;
    budget.claim("v2", DELTA, Long.MAX_VALUE);
  }

  @Test
  void filesThatLieInMemoryAreNotTakenOffTwice() {
    MachineMemory tmpfs =
        new MachineMemory() {
          @Override
          public long availableBytes() {
            return available;
          }

          @Override
          public boolean keepsInMemory(Path file) {
            return file.startsWith("/v1");
          }
        };
    MemoryBudget inMemory = new MemoryBudget(tmpfs);
    available = MemoryBudget.RESERVE + 100; // The 1,000 of the copy are gone already.
    MemoryBudget.Claim full = inMemory.claim("v1", FULL, Long.MAX_VALUE);
    full.loaded();
    available = MemoryBudget.RESERVE + 129;
    assertThatThrownBy(() -> inMemory.claim("v2", DELTA, Long.MAX_VALUE))
        .hasMessageContaining("expected 130 bytes of memory free, got 129");
    available++;
    inMemory.claim("v2", DELTA, Long.MAX_VALUE).close();
    full.close();
    available = MemoryBudget.RESERVE + 99;
    assertThatThrownBy(() -> inMemory.claim("v1", FULL, Long.MAX_VALUE))
        .hasMessageContaining("expected 1100 bytes of memory free, got 1099");
  }

  @Test
  void twoLoadsAtOnceDoNotTakeTheSameBytes() {
    MemoryBudget.Claim first = budget.claim("v1", FULL, Long.MAX_VALUE);
    assertRefused(new MemoryFootprint(Set.of(), 1), Long.MAX_VALUE, 1, 0);
    first.loaded(); // The machine has taken off what it allocated: here nothing, so it is free.
    budget.claim("v2", new MemoryFootprint(Set.of(), 100), Long.MAX_VALUE);
    assertRefused(new MemoryFootprint(Set.of(), 1), Long.MAX_VALUE, 1, 0);
  }

  @Test
  void theMessageNamesTheMachineAndWhatLoadedVersionsHold() {
    MemoryBudget.Claim held = budget.hold(FULL);
    held.loaded();
    available = MemoryBudget.RESERVE;
    assertThatThrownBy(() -> budget.claim("v2", DELTA, Long.MAX_VALUE))
        .hasMessage(
            "version v2: expected 130 bytes of memory free, got 0 (of the machine's %d available;"
                    .formatted(MemoryBudget.RESERVE)
                + " loaded versions hold 1100)");
    assertThat(budget.hold(DELTA)).isNotNull(); // A fixed directory is taken as it is.
  }
}
