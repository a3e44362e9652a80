package io.github.flinkdeepfm.model.fuzz;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytedeco.javacpp.Pointer;

/**
 * Runs targets on a few threads, watches that no case hangs, and measures memory before and after:
 *
 * <pre>
 *   a tenth of each target ─▶ collect, measure ─▶ the rest ─▶ collect, measure ─▶ {@link FuzzReport}
 * </pre>
 *
 * A target always runs the same cases for a seed; only the deadline decides how many.
 */
public final class FuzzRun {
  private static final int THREADS = 2;
  private static final int CASE_SECONDS = 20;

  /** The first warms up; if the time is too short, the targets have come equally far. */
  private static final int ROUNDS = 10;

  private final long seed;
  private final Map<FuzzTarget, Long> plan = new LinkedHashMap<>();

  public FuzzRun(long seed) {
    this.seed = seed;
  }

  public FuzzRun add(FuzzTarget target, long cases) {
    plan.put(target, cases);
    return this;
  }

  /**
   * Runs everything that was added.
   *
   * @param limit ends the run where it is
   * @throws AssertionError for the first finding
   */
  public FuzzReport run(Duration limit) throws Exception {
    long start = System.nanoTime();
    long deadline = start + limit.toNanos();
    List<FuzzWorker> workers = new ArrayList<>();
    plan.forEach((target, cases) -> workers.add(new FuzzWorker(target, cases)));
    ExecutorService pool =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "fuzz");
              thread.setDaemon(true);
              return thread;
            });
    try {
      runAll(pool, workers, 1.0 / ROUNDS, deadline);
      long heap = heapAfterCollection();
      long tracked = Pointer.totalBytes();
      for (int round = 2; round <= ROUNDS; round++) {
        runAll(pool, workers, (double) round / ROUNDS, deadline);
      }
      long heapGrowth = heapAfterCollection() - heap;
      long nativeGrowth = Pointer.totalBytes() - tracked;
      for (FuzzWorker worker : workers) {
        worker.finish();
      }
      return new FuzzReport(
          seed,
          workers.stream().map(FuzzWorker::row).toList(),
          (System.nanoTime() - start) / 1e9,
          heapGrowth,
          nativeGrowth);
    } finally {
      pool.shutdownNow();
      if (pool.awaitTermination(CASE_SECONDS, TimeUnit.SECONDS)) { // else one hangs in its model
        plan.keySet().forEach(FuzzTarget::close);
      }
    }
  }

  private static void runAll(
      ExecutorService pool, List<FuzzWorker> workers, double share, long deadline)
      throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (FuzzWorker worker : workers) {
      running.add(pool.submit(() -> worker.run(share, deadline)));
    }
    for (Future<?> future : running) {
      await(future, workers);
    }
  }

  private static void await(Future<?> future, List<FuzzWorker> workers) throws Exception {
    while (true) {
      try {
        future.get(200, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        workers.forEach(worker -> worker.requireProgress(CASE_SECONDS));
      } catch (ExecutionException e) {
        if (e.getCause() instanceof AssertionError finding) {
          throw finding;
        }
        throw e;
      }
    }
  }

  @SuppressWarnings("SystemGc") // what is left after a collection is what is measured
  private static long heapAfterCollection() throws InterruptedException {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Thread.sleep(50);
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
