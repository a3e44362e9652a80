package io.github.flinkdeepfm.operators.storage;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs calls that may never return in threads that can be given up. The caller waits as long as
 * there is progress; after that, or when it is interrupted, the call is interrupted and abandoned,
 * and what it may still bring is disposed of.
 *
 * <p>A dead storage must not eat up a process's threads: while {@value #MAX_ABANDONED} abandoned
 * calls to one root have not ended, others fail at once, and so they do while {@value
 * #MAX_ABANDONED_OF_A_FILE} of one file have not, so that one file that hangs leaves the root
 * usable.
 */
final class StorageCalls {
  static final int MAX_ABANDONED = 8;
  static final int MAX_ABANDONED_OF_A_FILE = 4;

  /** Idle threads end soon: they must not outlive the class loader of the job that began them. */
  private static final ThreadPoolExecutor THREADS =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          1,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "model-storage");
            thread.setDaemon(true);
            return thread;
          });

  /** By root, so that what one coordinator has abandoned counts for the next. */
  private static final Map<String, StorageCalls> OF_ROOT = new ConcurrentHashMap<>();

  private final Map<String, Integer> abandoned = new ConcurrentHashMap<>();

  /** What is to be done, in a thread of its own. */
  interface Work<T> {
    /**
     * @param progress to be run whenever something has arrived
     */
    T run(Runnable progress) throws IOException;
  }

  /** What to do with a result that nobody waits for any more. */
  interface Disposal<T> {
    void dispose(T result) throws IOException;
  }

  private StorageCalls() {}

  static StorageCalls of(String root) {
    return OF_ROOT.computeIfAbsent(root, r -> new StorageCalls());
  }

  /**
   * Waits for the work's result.
   *
   * @param what the file or directory, as messages name it
   * @throws IOException if the work does, if it makes no progress for {@code limitMillis}, if too
   *     many have not, or if the caller is interrupted (its interrupt flag stays set)
   */
  <T> T call(String what, long limitMillis, Work<T> work, Disposal<? super T> disposal)
      throws IOException {
    admit(what);
    Call<T> call = new Call<>(what, work, disposal);
    THREADS.execute(call);
    try {
      while (true) {
        long left = limitMillis - call.millisWithoutProgress();
        if (left <= 0 && call.abandon()) {
          throw new IOException(
              "expected an answer of %s within %s, got none".formatted(what, shown(limitMillis)));
        }
        try {
          return call.answer.get(Math.max(1, left), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // There may have been progress.
        }
      }
    } catch (InterruptedException e) {
      call.abandon();
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException("interrupted while waiting for " + what).initCause(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw (RuntimeException) e.getCause(); // Work throws nothing else.
    }
  }

  /** Does it if threads are left for it, and waits for nothing. */
  void inBackground(String what, Work<Void> work) {
    try {
      admit(what);
    } catch (IOException e) {
      return;
    }
    Call<Void> call = new Call<>(what, work, nothing -> {});
    call.countAsAbandoned();
    THREADS.execute(call);
  }

  private void admit(String what) throws IOException {
    int all = abandoned.values().stream().mapToInt(Integer::intValue).sum();
    int same = abandoned.getOrDefault(what, 0);
    if (all >= MAX_ABANDONED || same >= MAX_ABANDONED_OF_A_FILE) {
      throw new IOException(
          "expected an answer of %s, not asked: %d earlier calls%s have not ended"
              .formatted(what, same >= MAX_ABANDONED_OF_A_FILE ? same : all, onlyOf(same)));
    }
  }

  private static String onlyOf(int same) {
    return same >= MAX_ABANDONED_OF_A_FILE ? " of it" : "";
  }

  private static String shown(long millis) {
    return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
  }

  private final class Call<T> implements Runnable {
    final CompletableFuture<T> answer = new CompletableFuture<>();
    private final String what;
    private final Work<T> work;
    private final Disposal<? super T> disposal;
    private final ClassLoader classes = Thread.currentThread().getContextClassLoader();
    private volatile long lastProgress = System.nanoTime();
    private Thread thread;
    private boolean isAbandoned;
    private boolean ended;

    Call(String what, Work<T> work, Disposal<? super T> disposal) {
      this.what = what;
      this.work = work;
      this.disposal = disposal;
    }

    long millisWithoutProgress() {
      return (System.nanoTime() - lastProgress) / 1_000_000;
    }

    @Override
    public void run() {
      Thread current = Thread.currentThread();
      current.setContextClassLoader(classes);
      begin(current);
      try {
        T result = work.run(() -> lastProgress = System.nanoTime());
        if (!answer.complete(result)) {
          disposal.dispose(result);
        }
      } catch (IOException | RuntimeException | Error e) {
        answer.completeExceptionally(e); // Without effect if nobody waits.
      } finally {
        end();
        current.setContextClassLoader(null);
      }
    }

    /**
     * @return false if the answer has come meanwhile
     */
    synchronized boolean abandon() {
      if (!answer.completeExceptionally(new IOException("abandoned"))) {
        return false;
      }
      countAsAbandoned();
      if (thread != null) {
        thread.interrupt();
      }
      return true;
    }

    synchronized void countAsAbandoned() {
      isAbandoned = !ended;
      if (isAbandoned) {
        abandoned.merge(what, 1, Integer::sum);
      }
    }

    private synchronized void begin(Thread current) {
      thread = current;
      if (answer.isDone()) {
        current.interrupt();
      }
    }

    /** From here on nobody interrupts the thread, which serves another call next. */
    private synchronized void end() {
      ended = true;
      thread = null;
      if (isAbandoned) {
        abandoned.computeIfPresent(what, (key, count) -> count == 1 ? null : count - 1);
      }
      boolean unused = Thread.interrupted();
    }
  }
}
