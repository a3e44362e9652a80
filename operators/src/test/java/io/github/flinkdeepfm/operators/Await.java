package io.github.flinkdeepfm.operators;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what another thread brings about. */
final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private Await() {}

  static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        fail("expected within " + DEADLINE + ": " + what);
      }
      Thread.sleep(5);
    }
  }
}
