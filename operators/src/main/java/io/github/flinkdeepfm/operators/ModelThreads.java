package io.github.flinkdeepfm.operators;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Where this process loads and releases models, so that no slot waits for it: daemon threads that
 * start when there is work and end when there is none. As many as there is work at once, which is
 * what a slot prepares: a rollback must not queue behind the download that it overrules.
 */
final class ModelThreads {
  private static final int IDLE_SECONDS = 10;

  private ThreadPoolExecutor pool;

  /**
   * @param classes context class loader of the threads
   */
  synchronized Executor get(ClassLoader classes) {
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
                thread.setContextClassLoader(classes);
                return thread;
              });
    }
    return pool;
  }

  /** Lets work that has begun end; later work starts new threads. */
  synchronized void end() {
    if (pool != null) {
      pool.shutdown();
      pool = null;
    }
  }
}
