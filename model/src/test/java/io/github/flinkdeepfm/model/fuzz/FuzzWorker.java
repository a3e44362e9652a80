package io.github.flinkdeepfm.model.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs one target's cases and notes what became of them, within a deadline. */
final class FuzzWorker {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final FuzzTarget target;
  private final long cases;
  private final Map<String, Long> outcomes = new TreeMap<>();
  private long done;
  private long nanos;
  private long largestAllocation;
  private long longestNanos;
  private volatile Thread thread;
  private volatile long caseStart;

  FuzzWorker(FuzzTarget target, long cases) {
    this.target = target;
    this.cases = cases;
  }

  /**
   * Goes on up to a share of the cases.
   *
   * @param share of all cases, 1 for all
   * @param deadline of System.nanoTime
   */
  void run(double share, long deadline) {
    thread = Thread.currentThread();
    long begin = System.nanoTime();
    try {
      while (done < Math.ceil(cases * share) && System.nanoTime() - deadline < 0) {
        step();
      }
    } finally {
      nanos += System.nanoTime() - begin;
      thread = null;
    }
  }

  private void step() {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    caseStart = System.nanoTime();
    try {
      target.next(this::count);
    } catch (Throwable e) {
      throw new AssertionError(finding("came to " + e), e);
    }
    longestNanos = Math.max(longestNanos, System.nanoTime() - caseStart);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    largestAllocation = Math.max(largestAllocation, allocated);
    if (allocated > target.maxAllocation()) {
      throw new AssertionError(finding("allocated " + allocated + " bytes"));
    }
    done++;
  }

  private void count(String outcome) {
    outcomes.merge(outcome, 1L, Long::sum);
  }

  /** Lets the target check what it put off. */
  void finish() throws Exception {
    target.finish(this::count);
  }

  /** Fails if the case at hand takes longer than {@code seconds}. */
  void requireProgress(int seconds) {
    Thread running = thread;
    if (running != null && System.nanoTime() - caseStart > TimeUnit.SECONDS.toNanos(seconds)) {
      AssertionError hang = new AssertionError(finding("takes over " + seconds + " s"));
      hang.setStackTrace(running.getStackTrace());
      throw hang;
    }
  }

  private String finding(String what) {
    return target.name() + ", case " + done + ": " + what + "\n" + target.describe();
  }

  FuzzReport.Row row() {
    return new FuzzReport.Row(
        target.name(), done, outcomes, nanos / 1e9, largestAllocation, longestNanos / 1_000_000);
  }
}
