package io.github.flinkdeepfm.pipeline.faults;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what other processes do. */
final class Await {
  private static final long POLL_MILLIS = 50;

  private Await() {}

  /**
   * A condition that throws has not come true yet; what it threw last is the failure's cause.
   *
   * @throws AssertionError if it has not come true in time
   */
  static void until(String what, Duration patience, Callable<Boolean> condition)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    Throwable last = null;
    while (true) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError e) {
        last = e;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "expected %s within %d s".formatted(what, patience.toSeconds()), last);
      }
      Thread.sleep(POLL_MILLIS);
    }
  }
}
