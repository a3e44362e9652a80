package io.github.flinkdeepfm.pipeline.replay;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Says at intervals how far a replay is, so that a long one is not taken for a hung one. */
final class ReplayProgress implements AutoCloseable {
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private final Consumer<String> lines;
  private final ScheduledExecutorService clock;
  private volatile Phase phase;

  private static final class Phase {
    final String name;
    final long total;
    final long start = System.nanoTime();
    final LongAdder done = new LongAdder();

    Phase(String name, long total) {
      this.name = name;
      this.total = total;
    }

    String line() {
      long n = done.sum();
      double seconds = (System.nanoTime() - start) / 1e9;
      return String.format(
          Locale.ROOT,
          "progress      %s: %,d%s, %,.0f/s",
          name,
          n,
          total > 0 ? String.format(Locale.ROOT, " of some %,d", total) : "",
          n / seconds);
    }
  }

  ReplayProgress(Consumer<String> lines, Duration interval) {
    this.lines = lines;
    this.clock =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "replay-progress");
              thread.setDaemon(true);
              return thread;
            });
    clock.scheduleAtFixedRate(
        this::say, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * What is done from now on.
   *
   * @param total records that it will take; 0 if nobody knows
   */
  void phase(String name, long total) {
    phase = new Phase(name, total);
  }

  /** Notes one record; from any thread. */
  void step() {
    Phase now = phase;
    if (now != null) {
      now.done.increment();
    }
  }

  private void say() {
    Phase now = phase;
    if (now != null) {
      lines.accept(now.line());
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
