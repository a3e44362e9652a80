package io.github.flinkdeepfm.operators;

import io.github.flinkdeepfm.operators.storage.InterruptibleTask;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where this process fetches, loads and releases models, so that no slot waits for it: daemon
 * threads that start when there is work and end when there is none. As many as there is work at
 * once, which is what a slot prepares: a rollback must not queue behind the download that it
 * overrules.
 */
final class ModelThreads implements Executor {
  private static final int IDLE_SECONDS = 10;

  private ThreadPoolExecutor pool;

  @Override
  public synchronized void execute(Runnable work) {
    if (pool == null) {
      pool =
          new ThreadPoolExecutor(
              0,
              Integer.MAX_VALUE,
              IDLE_SECONDS,
              TimeUnit.SECONDS,
              new SynchronousQueue<>(),
              task -> {
                Thread thread = new Thread(task, "model-loading");
                thread.setDaemon(true);
                thread.setContextClassLoader(ModelThreads.class.getClassLoader());
                return thread;
              });
    }
    pool.execute(work);
  }

  /** Starts work whose outcome goes to {@code result}. */
  <T> InterruptibleTask start(Callable<T> work, CompletableFuture<T> result) {
    InterruptibleTask task =
        new InterruptibleTask(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception | Error e) { // Native memory that runs out is an Error.
                result.completeExceptionally(e);
              }
            });
    execute(task);
    return task;
  }

  /** Lets work that has begun end; later work starts new threads. */
  synchronized void end() {
    if (pool != null) {
      pool.shutdown();
      pool = null;
    }
  }
}
