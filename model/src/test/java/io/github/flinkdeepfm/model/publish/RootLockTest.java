package io.github.flinkdeepfm.model.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RootLockTest extends PublishTestBase {
  private static final RootLock.Timing HASTY =
      new RootLock.Timing(Duration.ofMillis(200), Duration.ofSeconds(30));

  @Test
  void silentClaimIsTakenOverAfterALease() throws Exception {
    try (OutputStream out = storage.create(RootLock.DIRECTORY + "/dead")) {
      out.write('x');
    }
    long start = System.nanoTime();

    try (RootLock lock = RootLock.acquire(storage, HASTY)) {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(HASTY.lease());
      assertThat(storage.list(RootLock.DIRECTORY)).hasSize(1).doesNotContain("dead");
    }

    assertThat(storage.list(RootLock.DIRECTORY)).isEmpty();
  }

  @Test
  void beatingClaimIsWaitedForAndThenGivenUpOn() throws Exception {
    RootLock.Timing impatient = new RootLock.Timing(Duration.ofSeconds(60), Duration.ofMillis(50));
    try (RootLock held = RootLock.acquire(storage, PATIENT)) {
      held.check();
      assertThatThrownBy(() -> RootLock.acquire(storage, impatient))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("expected other publishers to finish within PT0.05S")
          .hasMessageContaining("pid " + ProcessHandle.current().pid());
    }
    RootLock.acquire(storage, impatient).close();
  }

  @Test
  void heartbeatOutlivesTheLeaseOfAnObserver() throws Exception {
    RootLock.Timing observer = new RootLock.Timing(Duration.ofSeconds(3), Duration.ofSeconds(4));
    RootLock.Timing holder = new RootLock.Timing(Duration.ofSeconds(3), Duration.ZERO);
    try (RootLock held = RootLock.acquire(storage, holder)) {
      assertThatThrownBy(() -> RootLock.acquire(storage, observer)).isInstanceOf(IOException.class);
      held.check();
    }
  }

  @Test
  void holderThatWasTakenForDeadFindsOut() throws Exception {
    try (RootLock held = RootLock.acquire(storage, PATIENT)) {
      storage.delete(RootLock.DIRECTORY);

      assertThatThrownBy(held::check)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another publisher may have taken over");
    }
  }
}
